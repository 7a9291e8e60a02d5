import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Message as KafkaMessage, Producer } from 'kafkajs';
import { firstCause } from '../first-cause.js';
import { backoffMs, pause } from '../waiting.js';
import { isTransient } from './failure.js';

export type Outgoing = { readonly topic: string; readonly message: KafkaMessage & { readonly value: string } };

/** Together far below the broker's limit of 1 MiB for the part of a request that goes to one partition. */
const MAX_BATCH_MESSAGES = 1000;
const MAX_BATCH_CHARACTERS = 512 * 1024;

type Ticket = { left: number; readonly resolve: () => void; readonly reject: (error: unknown) => void };
type Queued = Outgoing & { readonly ticket: Ticket };

/**
 * Batches what many nodes send. kafkajs has no linger: while one request is under way, the next one is collected, so that
 * batches grow with the load and a lone message waits for nobody. One request at a time also keeps the order per key
 * when a request is repeated.
 */
export class Sender {
  #queue: Queued[] = [];
  #flushing = false;
  readonly #closed = new AbortController();

  constructor(
    private readonly producer: Producer,
    private readonly trouble: (reason: string) => void,
    private readonly well: () => void = () => undefined,
  ) {}

  send(outgoing: readonly Outgoing[]): Promise<void> {
    if (this.#closed.signal.aborted) return Promise.reject(new Error('the transport is closed'));
    if (outgoing.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const ticket: Ticket = { left: outgoing.length, resolve, reject };
      for (const { topic, message } of outgoing) this.#queue.push({ topic, message, ticket });
      if (!this.#flushing) void this.#flush();
    });
  }

  close(): void {
    this.#closed.abort();
    for (const { ticket } of this.#queue.splice(0)) ticket.reject(new Error('the transport was closed before sending'));
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    await endOfTurn();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, batchSize(this.#queue));
      try {
        await this.#sendSurely(batch);
        for (const { ticket } of batch) if (--ticket.left === 0) ticket.resolve();
      } catch (error) {
        for (const { ticket } of batch) ticket.reject(error);
      }
    }
    this.#flushing = false;
  }

  async #sendSurely(batch: readonly Queued[]): Promise<void> {
    const topics = [...new Set(batch.map(({ topic }) => topic))];
    const topicMessages = topics.map((topic) => ({
      topic,
      messages: batch.filter((queued) => queued.topic === topic).map(({ message }) => message),
    }));
    for (let failures = 0; ; failures += 1) {
      try {
        await this.producer.sendBatch({ acks: -1, topicMessages });
        if (failures > 0) this.well();
        return;
      } catch (error) {
        if (this.#closed.signal.aborted || !isTransient(error)) throw error;
        this.trouble(`sending fails, trying again: ${firstCause(error)}`);
        await pause(backoffMs(failures), this.#closed.signal);
      }
    }
  }
}

function batchSize(queue: readonly Queued[]): number {
  let characters = 0;
  let size = 0;
  for (const { message } of queue) {
    characters += message.value.length;
    if (size > 0 && (size === MAX_BATCH_MESSAGES || characters > MAX_BATCH_CHARACTERS)) break;
    size += 1;
  }
  return size;
}
