import type { Kafka } from 'kafkajs';
import type { TopicNames, TopicSuffix } from '../../../messages/index.js';
import type { Bounds, EventEar, EventReader, EventSource } from '../../events/event-source.js';
import type { Place } from '../../events/place.js';
import type { LogRecord } from '../../lanes/lane.js';
import type { Log } from '../../log.js';
import { within } from '../within.js';
import { LogClient } from './log-client.js';
import { MergedReader } from './merged-reader.js';
import { Tail } from './tail.js';

const CLOSES_WITHIN_MS = 2000;

/**
 * The events of Kafka's topics, fetched without a group. Who follows and who catches up have connections of their own: a fetch that waits
 * at the broker holds up all that come after it. The connections last as long as somebody follows.
 */
export class KafkaEvents implements EventSource {
  private readonly client: LogClient;
  private readonly tails = new Map<Tail, Promise<void>>();

  constructor(private readonly options: { readonly kafka: Kafka; readonly names: TopicNames; readonly log: Log }) {
    this.client = new LogClient(options.kafka, options.names);
  }

  bounds(): Promise<Bounds> {
    return this.client.bounds();
  }

  read(from: Place, topics: readonly TopicSuffix[]): EventReader {
    return new MergedReader(this.client, from, topics);
  }

  follow(from: Place, ear: EventEar): () => void {
    const { kafka, names, log } = this.options;
    const tail = new Tail(new LogClient(kafka, names), from.copy(), ear, log);
    this.tails.set(tail, tail.run());
    return () => void this.callOff(tail);
  }

  pass(place: Place, { topic, partition, offset }: LogRecord): void {
    place.set(topic, partition, Number(offset) + 1);
  }

  async close(): Promise<void> {
    const closed = Promise.all([...this.tails.keys()].map((tail) => this.callOff(tail))).then(() =>
      this.client.close(),
    );
    // A broker that hangs holds up the end of a fetch, and kafkajs waits for it; nothing is lost with it.
    await within(CLOSES_WITHIN_MS, closed, 'late').catch(() => undefined);
  }

  private async callOff(tail: Tail): Promise<void> {
    const running = this.tails.get(tail);
    tail.stop();
    await running;
    this.tails.delete(tail);
    if (this.tails.size === 0) await this.client.close();
  }
}
