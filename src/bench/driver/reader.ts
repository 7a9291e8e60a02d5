import { randomUUID } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';

/** More than the partitions that a fetch brings: all of them are handed over together. */
const CONCURRENT_PARTITIONS = 64;
const MAX_WAIT_MS = 200;

/** Reads topics from their beginning in a group of its own that commits nothing. */
export class Reader {
  readonly groupId: string;
  readonly #consumer: Consumer;
  #turn: Promise<void> | undefined;

  /** `hear` is called for every batch of a partition; `heardAll` when all of a fetch were heard, and the next fetch waits for it. */
  constructor(
    kafka: Kafka,
    groupPrefix: string,
    private readonly hear: (topic: string, messages: readonly KafkaMessage[]) => void,
    private readonly heardAll: () => Promise<void> | void,
  ) {
    this.groupId = `${groupPrefix}.bench-${randomUUID()}`;
    this.#consumer = kafka.consumer({
      groupId: this.groupId,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
    });
  }

  /** Resolves when partitions are assigned. */
  async start(topics: readonly string[]): Promise<void> {
    const joined = new Promise<void>((resolve) => this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => resolve()));
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: (payload) => {
        const { batch } = payload;
        this.hear(batch.topic, batch.messages);
        payload.resolveOffset(batch.lastOffset());
        this.#turn ??= this.#finish();
        return this.#turn;
      },
    });
    await joined;
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
  }

  /** kafkajs hands all batches of a fetch over in one turn, and fetches again when the last one is done. */
  async #finish(): Promise<void> {
    await endOfTurn();
    this.#turn = undefined;
    await this.heardAll();
  }
}
