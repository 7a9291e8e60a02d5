import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { firstCause } from '../first-cause.js';
import { backoffMs, pause } from '../waiting.js';
import type { Positions } from './positions.js';

/** Leaving waits for the fetch under way, so it may not be long; a message ends it at once anyway. */
const MAX_WAIT_MS = 500;
/**
 * After a fetch that brought several messages the next one waits this long: under load fewer, larger fetches and answers, for
 * a quarter less CPU at 1,000 registrations/s and no more latency. A lone message is fetched at once.
 */
const BREATH_MS = 5;
const BATCHES_AT_ONCE = 64;

export type Ear = {
  /** Messages of one partition, in order. Not asynchronous: positions move on when it returns. */
  readonly hear: (topic: string, messages: readonly KafkaMessage[]) => void;
  /** The end of what came together. */
  readonly heardAll: () => void;
  readonly trouble: (reason: string) => void;
  /** It reads again, after trouble. */
  readonly well?: () => void;
  /** Asked before it starts again: the log may be another one by now. */
  readonly beforeRestart?: () => Promise<void>;
};

/**
 * Reads topics from given positions, once each, through rebalances and outages. kafkajs reads only in groups; ours has one
 * member and commits nothing: at every join, before the first fetch, each partition is set to our own position. A consumer
 * that has crashed is replaced by a new one in a new group (the old object does not start again, and in the old group the
 * dead member would hold up the join until its session ends).
 */
export class Reader {
  /** Those that it was a member of: whoever stops it may delete them. */
  readonly groups: string[] = [];
  #started = 0;
  #consumer: Consumer | undefined;
  readonly #stopped = new AbortController();
  #fetched = 0;
  #breath: Promise<void> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly groupPrefix: string,
    private readonly topics: readonly string[],
    private readonly positions: Positions,
    private readonly ear: Ear,
  ) {}

  /** Resolves with the first assignment; rejects when the consumer crashes before. */
  async start(): Promise<void> {
    const groupId = `${this.groupPrefix}-${this.#started}`;
    this.#started += 1;
    const consumer = this.kafka.consumer({
      groupId,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    let joined = false;
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
          for (const partition of partitions) {
            consumer.seek({ topic, partition, offset: String(this.positions.next(topic, partition)) });
          }
        }
        if (!joined) this.groups.push(groupId);
        joined = true;
        resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (joined) void this.#replace(consumer, payload.error);
        else reject(payload.error);
      });
      this.#run(consumer).catch(reject);
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#consumer?.disconnect().catch(() => undefined);
  }

  async #run(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics] });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: BATCHES_AT_ONCE,
      eachBatch: (payload) => this.#read(payload),
    });
  }

  #read({ batch }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    // After a rejoin the fetch under way may bring once more what was heard already.
    const next = this.positions.next(topic, partition);
    const fresh = batch.messages.filter(({ offset }) => Number(offset) >= next);
    if (fresh.length > 0) this.ear.hear(topic, fresh);
    this.positions.set(topic, partition, Math.max(next, Number(batch.lastOffset()) + 1));
    this.#fetched += fresh.length;
    this.#breath ??= this.#breathe();
    return this.#breath;
  }

  /** kafkajs hands all batches of a fetch over in one turn, and fetches again when the last one is done. */
  async #breathe(): Promise<void> {
    await endOfTurn();
    const fetched = this.#fetched;
    this.#fetched = 0;
    if (fetched > 0) this.ear.heardAll();
    if (fetched > 1) await sleep(BREATH_MS);
    this.#breath = undefined;
  }

  async #replace(crashed: Consumer, error: Error): Promise<void> {
    await crashed.disconnect().catch(() => undefined);
    const { signal } = this.#stopped;
    let reason: unknown = error;
    for (let failures = 0; !signal.aborted; failures += 1) {
      this.ear.trouble(`reading fails, trying again: ${firstCause(reason)}`);
      await pause(backoffMs(failures), signal);
      try {
        await this.#startUnlessStopped();
        this.ear.well?.();
        return;
      } catch (again) {
        await this.#consumer?.disconnect().catch(() => undefined);
        reason = again;
      }
    }
  }

  async #startUnlessStopped(): Promise<void> {
    const { signal } = this.#stopped;
    if (!signal.aborted) {
      await this.ear.beforeRestart?.();
      await this.start();
    }
    // Stopped while it was starting: nobody else would leave the group again.
    if (signal.aborted) await this.#consumer?.disconnect().catch(() => undefined);
  }
}
