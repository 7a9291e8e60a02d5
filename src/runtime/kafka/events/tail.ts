import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../../messages/index.js';
import { backoffMs, pause } from '../../backoff.js';
import { PlaceLost, type Bounds, type EventEar } from '../../events/event-source.js';
import { EVENT_TOPICS } from '../../events/event-topics.js';
import { inAppendOrder, timed } from '../../events/in-append-order.js';
import type { Place } from '../../events/place.js';
import type { Log } from '../../log.js';
import type { Fetched, FetchLimits, LogClient, Partition } from './log-client.js';

const MAX_PARTITION_BYTES = 512 * 1024;
const MAX_FETCH_BYTES = 4 * 1024 * 1024;
const LIMITS: FetchLimits = { waitMs: 500, maxBytes: MAX_FETCH_BYTES, maxPartitionBytes: MAX_PARTITION_BYTES };
/** After records were heard, so that a busy log is fetched in few large answers. */
const BREATH_MS = 30;
/** Then it looks anew who leads which partition, and whether there are more of them. */
const ROUND_MS = 60_000;

type TailClient = Pick<LogClient, 'leaders' | 'fetch' | 'bounds' | 'close'>;

/**
 * Follows all event topics from a place on. One loop a broker, in rounds: a round ends after a while, or when a broker fails or is no
 * longer the leader, and the next one begins with what is known then. The place of each partition stays, so nothing is lost and nothing
 * comes twice. While Kafka is away it tries again, for ever.
 */
export class Tail {
  private readonly closing = new AbortController();
  private hasFailed = false;

  constructor(
    private readonly client: TailClient,
    /** Moves on with what was heard. */
    private readonly place: Place,
    private readonly ear: EventEar,
    private readonly log: Log,
  ) {}

  /** Resolves once it is called off. */
  async run(): Promise<void> {
    const { signal } = this.closing;
    const isOver = (): boolean => signal.aborted;
    for (let attempt = 0; !isOver();) {
      try {
        await this.round();
        attempt = 0;
      } catch (error) {
        if (isOver()) break;
        if (error instanceof PlaceLost && (await this.amend())) continue;
        const retryInMs = backoffMs(attempt++);
        if (attempt === 1)
          this.log.warn({ error: errorText(error), retryInMs }, 'events are not followed now, trying again');
        this.hasFailed = true;
        await pause(retryInMs, signal);
      }
    }
    await this.client.close();
  }

  stop(): void {
    this.closing.abort();
  }

  private async round(): Promise<void> {
    const round = new AbortController();
    const until = performance.now() + ROUND_MS;
    const isOver = (): boolean => round.signal.aborted || this.closing.signal.aborted || performance.now() >= until;
    const leaders = await this.client.leaders();
    const loops = [...leaders].map(async ([nodeId, partitions]) => {
      try {
        while (!isOver()) await this.fetch(nodeId, partitions, isOver);
      } finally {
        round.abort();
      }
    });
    // All of them have to be at rest before another loop may fetch for the same partitions.
    const failed = (await Promise.allSettled(loops)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  private async fetch(nodeId: string, partitions: readonly Partition[], isOver: () => boolean): Promise<void> {
    const { place } = this;
    const wanted = partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: place.next(topic, partition),
    }));
    const fetched = await this.client.fetch(nodeId, wanted, LIMITS);
    if (this.closing.signal.aborted) return;
    if (this.hasFailed) this.log.info({}, 'events are followed again');
    this.hasFailed = false;
    this.hear(fetched);
    if (fetched.length > 0 && !isOver()) await sleep(BREATH_MS);
  }

  private hear(fetched: readonly Fetched[]): void {
    const records = inAppendOrder(fetched.flatMap((partition) => timed(partition.records)));
    for (const { topic, partition, next } of fetched) this.place.set(topic, partition, next);
    if (records.length > 0) this.ear.heard(records);
  }

  /** Goes on with the first record that is left, where the log was cut off on either side. False while nobody can tell. */
  private async amend(): Promise<boolean> {
    let bounds: Bounds;
    try {
      bounds = await this.client.bounds();
    } catch {
      return false;
    }
    for (const topic of EVENT_TOPICS) {
      for (const [partition, first] of bounds.first.of(topic).entries()) {
        const next = this.place.next(topic, partition);
        if (next < first || next > bounds.next.next(topic, partition)) this.place.set(topic, partition, first);
      }
    }
    this.log.warn({}, 'the log was cut off or made anew under those who follow events: some were not heard');
    this.ear.lost(this.place.copy());
    return true;
  }
}
