import { TOPIC_SUFFIXES, type TopicSuffix } from '../../messages/index.js';
import { hash32 } from '../random.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { EPOCH_MS } from '../time/virtual-time.js';

/** A record in the log. Headers as they were sent. */
export type Appended = {
  readonly topic: TopicSuffix;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** By the broker's clock, epoch milliseconds. */
  readonly appendedAt: number;
  /** True time, milliseconds. */
  readonly at: number;
};

export type Sent = Pick<Appended, 'topic' | 'key' | 'value' | 'headers'>;

type Partition = { readonly records: Appended[]; waiting: (() => void)[] };

/** The topics: partitions by key, an order in each, append times that never go back. */
export class Broker {
  private readonly topics = new Map<TopicSuffix, readonly Partition[]>();
  private readonly listeners: ((record: Appended) => void)[] = [];

  constructor(
    private readonly time: VirtualTime,
    /** How many partitions a topic has. */
    partitionsOf: (topic: TopicSuffix) => number,
    private readonly clockSkewMs: number,
  ) {
    for (const topic of TOPIC_SUFFIXES) {
      const partitions = Array.from({ length: partitionsOf(topic) }, () => ({ records: [], waiting: [] }));
      this.topics.set(topic, partitions);
    }
  }

  /** Hears of every record at the moment of its append. */
  onAppend(listener: (record: Appended) => void): void {
    this.listeners.push(listener);
  }

  partitionCount(topic: TopicSuffix): number {
    return this.topics.get(topic)?.length ?? 0;
  }

  partitionFor(topic: TopicSuffix, key: string | Buffer | null): number {
    const text = key === null ? '' : key.toString();
    return hash32(`${topic}/${text}`) % this.partitionCount(topic);
  }

  append({ topic, key, value, headers }: Sent, partition = this.partitionFor(topic, key)): Appended {
    const place = this.partition(topic, partition);
    const { now } = this.time;
    const appendedAt = Math.floor(EPOCH_MS + now + this.clockSkewMs);
    const offset = place.records.length;
    const record: Appended = { topic, partition, offset, key, value, headers, appendedAt, at: now };
    place.records.push(record);
    for (const listener of this.listeners) listener(record);
    const woken = place.waiting;
    place.waiting = [];
    for (const wake of woken) wake();
    return record;
  }

  /** Offset that the next record gets. */
  end(topic: TopicSuffix, partition: number): number {
    return this.partition(topic, partition).records.length;
  }

  records(topic: TopicSuffix, partition: number): readonly Appended[] {
    return this.partition(topic, partition).records;
  }

  /** Every record of a topic, partition by partition. */
  all(topic: TopicSuffix): readonly Appended[] {
    return (this.topics.get(topic) ?? []).flatMap(({ records }) => records);
  }

  /** At least one record from the offset on, as soon as there is one; at most `limit`. */
  fetch(topic: TopicSuffix, partition: number, offset: number, limit: number): Promise<readonly Appended[]> {
    const place = this.partition(topic, partition);
    return new Promise((resolve) => {
      const answer = (): void => {
        if (place.records.length > offset) resolve(place.records.slice(offset, offset + limit));
        else place.waiting.push(answer);
      };
      answer();
    });
  }

  private partition(topic: TopicSuffix, partition: number): Partition {
    const place = this.topics.get(topic)?.[partition];
    if (place === undefined) throw new Error(`${topic} has no partition ${partition}`);
    return place;
  }
}
