import type { TopicSuffix } from '../../../messages/index.js';
import type { EventReader } from '../../events/event-source.js';
import { inAppendOrder, timed, type Timed } from '../../events/in-append-order.js';
import type { Place } from '../../events/place.js';
import type { LogRecord } from '../../lanes/lane.js';
import type { Fetched, FetchLimits, LogClient, Partition, Wanted } from './log-client.js';

/** Of a reader; it keeps at most one such answer of each partition, or one batch that is larger. */
const MAX_PARTITION_BYTES = 128 * 1024;
const MAX_FETCH_BYTES = 4 * 1024 * 1024;
const LIMITS: FetchLimits = { waitMs: 0, maxBytes: MAX_FETCH_BYTES, maxPartitionBytes: MAX_PARTITION_BYTES };

type Buffered = Partition & { waiting: Timed[]; next: number; lastAt: number };

/**
 * Reads the partitions of some topics side by side and tells their records by append time. A record is told once every partition that
 * is not read to its end has one of a later time in hand: so what happened first comes first, however long the way to the present is.
 */
export class MergedReader implements EventReader {
  private readonly partitions = new Map<string, Buffered>();

  constructor(
    private readonly client: Pick<LogClient, 'fetch' | 'leaders'>,
    private readonly from: Place,
    private readonly topics: readonly TopicSuffix[],
  ) {}

  async next(to: Place): Promise<readonly LogRecord[]> {
    this.admit(to);
    for (let hungry = this.hungry(to); hungry.length > 0; hungry = this.hungry(to)) {
      for (const fetched of await this.fetch(hungry)) this.keep(fetched);
    }
    return this.take(to);
  }

  private admit(to: Place): void {
    for (const topic of this.topics) {
      for (const partition of to.of(topic).keys()) {
        const name = nameOf({ topic, partition });
        if (this.partitions.has(name)) continue;
        const next = this.from.next(topic, partition);
        this.partitions.set(name, { topic, partition, waiting: [], next, lastAt: -Infinity });
      }
    }
  }

  /** What nothing is known of before `to`. */
  private hungry(to: Place): Wanted[] {
    return [...this.partitions.values()]
      .filter(({ topic, partition, waiting, next }) => waiting.length === 0 && next < to.next(topic, partition))
      .map(({ topic, partition, next: offset }) => ({ topic, partition, offset }));
  }

  private async fetch(hungry: readonly Wanted[]): Promise<readonly Fetched[]> {
    const wanted = new Map(hungry.map((partition) => [nameOf(partition), partition]));
    const fetches: Promise<readonly Fetched[]>[] = [];
    for (const [nodeId, led] of await this.client.leaders()) {
      const ofBroker = led.flatMap((partition) => wanted.get(nameOf(partition)) ?? []);
      if (ofBroker.length > 0) fetches.push(this.client.fetch(nodeId, ofBroker, LIMITS));
    }
    if (fetches.length === 0) throw new Error('no broker leads the partitions of the events');
    return (await Promise.all(fetches)).flat();
  }

  private keep({ records, next, ...partition }: Fetched): void {
    const buffered = this.partitions.get(nameOf(partition));
    if (buffered === undefined) return;
    const waiting = timed(records, buffered.lastAt);
    buffered.waiting.push(...waiting);
    buffered.lastAt = waiting.at(-1)?.at ?? buffered.lastAt;
    buffered.next = next;
  }

  private take(to: Place): readonly LogRecord[] {
    // Of a partition that is not read to the end, later records may have the time of its last one.
    let horizon = Infinity;
    for (const { topic, partition, next, lastAt } of this.partitions.values()) {
      if (next < to.next(topic, partition)) horizon = Math.min(horizon, lastAt);
    }
    const taken = this.split(to, (at) => at < horizon);
    // More records of one time than a fetch brings: then that is the order.
    return inAppendOrder(taken.length > 0 ? taken : this.split(to, (at) => at <= horizon));
  }

  private split(to: Place, isDue: (at: number) => boolean): Timed[] {
    const taken: Timed[] = [];
    for (const buffered of this.partitions.values()) {
      const end = to.next(buffered.topic, buffered.partition);
      const first = buffered.waiting.findIndex(({ record, at }) => Number(record.offset) >= end || !isDue(at));
      const count = first === -1 ? buffered.waiting.length : first;
      if (count > 0) taken.push(...buffered.waiting.splice(0, count));
    }
    return taken;
  }
}

function nameOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`;
}
