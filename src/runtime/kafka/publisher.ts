import { Partitioners, type Kafka, type Producer } from 'kafkajs';
import type { TopicNames, TopicSuffix } from '../../messages/index.js';
import type { OutgoingRecord } from '../lanes/lane.js';

/** A request stays below this for each topic, so that no partition's batch exceeds what the broker takes. Bytes. */
const MAX_TOPIC_BYTES = 900_000;

/**
 * The process's one producer. Waits for every replica in sync; the order of records with one key is kept as long as their
 * publisher waits for each call, as the lanes do. A repetition is harmless: ids are derived.
 */
export class Publisher {
  private readonly producer: Producer;

  constructor(
    kafka: Kafka,
    private readonly names: TopicNames,
  ) {
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  connect(): Promise<void> {
    return this.producer.connect();
  }

  /** Resolves once all records are in the log. */
  async publish(records: readonly OutgoingRecord[]): Promise<void> {
    for (const request of requestsFor(records)) {
      await this.producer.sendBatch({
        acks: -1,
        topicMessages: [...request].map(([topic, messages]) => ({
          topic: this.names.full(topic),
          messages: messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
        })),
      });
    }
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }
}

type Request = Map<TopicSuffix, OutgoingRecord[]>;

/** The records by topic, in their order, in as few requests as the broker's limit allows. */
export function requestsFor(records: readonly OutgoingRecord[]): readonly Request[] {
  const requests: Request[] = [];
  let request: Request = new Map();
  let bytes = new Map<TopicSuffix, number>();
  for (const record of records) {
    const size = Buffer.byteLength(record.value) + 256;
    const used = bytes.get(record.topic) ?? 0;
    if (used > 0 && used + size > MAX_TOPIC_BYTES) {
      requests.push(request);
      request = new Map();
      bytes = new Map();
    }
    const messages = request.get(record.topic);
    if (messages === undefined) request.set(record.topic, [record]);
    else messages.push(record);
    bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + size);
  }
  if (request.size > 0) requests.push(request);
  return requests;
}
