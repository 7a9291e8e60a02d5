import type { EachBatchPayload, OffsetsByTopicPartition, TopicPartitions } from 'kafkajs';

/** A batch of one partition: the offsets of its first and its last record. */
export type Stretch = { readonly partition: number; readonly first: number; readonly last: number };

type EachBatch = (payload: EachBatchPayload) => Promise<void>;
type Listener = (event: object) => void;

/** A kafkajs consumer whose deliveries, crashes and end the test decides. */
export class FakeConsumer {
  readonly events = { GROUP_JOIN: 'join', REBALANCING: 'rebalancing', CRASH: 'crash' };
  /** As `pause` was told: a topic, or partitions of it. */
  readonly paused: Partial<TopicPartitions>[] = [];
  /** `partition:offset`, in the order in which they were resolved. */
  readonly resolved: string[] = [];
  /** `partition:offset`, the offset that follows what is committed. */
  readonly committed: string[] = [];
  heartbeat: () => Promise<void> = () => Promise.resolve();
  crash: Listener = () => undefined;
  disconnected: () => void = () => undefined;
  private eachBatch: EachBatch = () => Promise.resolve();

  constructor(private readonly topic: string) {}

  on(event: string, listener: Listener): void {
    if (event === 'crash') this.crash = listener;
  }

  connect = (): Promise<void> => Promise.resolve();
  subscribe = (): Promise<void> => Promise.resolve();
  resume = (): void => undefined;
  disconnect = (): Promise<void> => new Promise((resolve) => (this.disconnected = resolve));

  pause(topics: readonly Partial<TopicPartitions>[]): void {
    this.paused.push(...topics);
  }

  run({ eachBatch }: { readonly eachBatch: EachBatch }): Promise<void> {
    this.eachBatch = eachBatch;
    return Promise.resolve();
  }

  deliver({ partition, first, last }: Stretch): Promise<void> {
    const { topic } = this;
    const offsets = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
    const messages = offsets.map((offset) => ({ offset, key: null, value: null, headers: {}, timestamp: '0' }));
    let next: string | undefined;
    const payload = {
      batch: { topic, partition, messages, lastOffset: () => offsets.at(-1) },
      isStale: () => false,
      isRunning: () => true,
      heartbeat: () => this.heartbeat(),
      resolveOffset: (offset: string) => {
        this.resolved.push(`${partition}:${offset}`);
        next = String(Number(offset) + 1);
      },
      uncommittedOffsets: () => ({
        topics: next === undefined ? [] : [{ topic, partitions: [{ partition, offset: next }] }],
      }),
      commitOffsetsIfNecessary: ({ topics }: OffsetsByTopicPartition) => {
        const all = topics.flatMap(({ partitions }) => partitions);
        this.committed.push(...all.map((one) => `${one.partition}:${one.offset}`));
        return Promise.resolve();
      },
    };
    return this.eachBatch(payload as unknown as EachBatchPayload);
  }
}
