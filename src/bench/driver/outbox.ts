import type { Message, Producer } from 'kafkajs';

const MAX_BATCH = 1000;

/** Sends what is put in, in order, in as few requests as the time that one takes allows: while one is under way the next is collected. */
export class Outbox {
  readonly #waiting: { readonly topic: string; readonly message: Message }[] = [];
  #sending: Promise<void> | undefined;

  constructor(
    private readonly producer: Producer,
    private readonly failed: (error: unknown) => void,
  ) {}

  put(topic: string, key: string, value: string, headers: Record<string, string>): void {
    this.#waiting.push({ topic, message: { key, value, headers } });
  }

  flush(): void {
    if (this.#waiting.length > 0) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, MAX_BATCH);
        const topics = [...new Set(batch.map(({ topic }) => topic))];
        const topicMessages = topics.map((topic) => ({
          topic,
          messages: batch.filter((one) => one.topic === topic).map(({ message }) => message),
        }));
        await this.producer.sendBatch({ acks: -1, topicMessages });
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.#sending = undefined;
    }
  }
}
