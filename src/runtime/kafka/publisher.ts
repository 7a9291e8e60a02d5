import type { Kafka, Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import type { TopicNames } from '../../messages/index.js';
import type { OutgoingRecord, Position } from '../lanes/lane.js';
import { troubleIn } from '../troubles/trouble.js';
import { createPartitioner } from './partition-of.js';
import { QuickGroups } from './tuned/grouped-quickly.js';
import { tuneKafkajs } from './tuned/tune-kafkajs.js';
import { MAX_TOPIC_BYTES, positionsOf, requestsFor, sizeOf, type Sent } from './requests.js';

type Job = {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * The process's one producer. Waits for every replica in sync. One request is on its way at a time: what callers bring meanwhile
 * gathers and is sent as one, so nobody waits when there is little to do, and the order of all calls is kept in every partition.
 * Of a request that fails a part may be in the log; a repetition is harmless, as ids are derived.
 */
export class Publisher {
  private readonly producer: Producer;
  private readonly waiting: Job[] = [];
  private sending = false;
  private readonly groups = new QuickGroups(createPartitioner);
  private readonly isTuned = tuneKafkajs().tuned;

  constructor(
    kafka: Kafka,
    private readonly names: TopicNames,
  ) {
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: this.groups.createPartitioner,
    });
  }

  connect(): Promise<void> {
    return this.producer.connect();
  }

  /** Resolves once all records are in the log, with the place of each, in their order. */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return Promise.resolve([]);
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, bytes, resolve, reject });
      if (!this.sending) void this.run();
    });
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }

  private async run(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0) {
      const jobs = this.gather();
      try {
        const positions = await this.send(jobs);
        let from = 0;
        for (const { records, resolve } of jobs) resolve(positions.slice(from, (from += records.length)));
      } catch (error) {
        for (const { reject } of jobs) reject(error);
      }
    }
    this.sending = false;
  }

  /** The first that waits, whatever its size, and as many as fit into one request with it. */
  private gather(): readonly Job[] {
    let bytes = 0;
    const tooMany = this.waiting.findIndex((job, index) => (bytes += job.bytes) > MAX_TOPIC_BYTES && index > 0);
    return this.waiting.splice(0, tooMany === -1 ? this.waiting.length : tooMany);
  }

  private async send(jobs: readonly Job[]): Promise<readonly Position[]> {
    const records = jobs.flatMap((job) => job.records);
    const bytes = jobs.reduce((sum, job) => sum + job.bytes, 0);
    const positions: Position[] = [];
    for (const request of bytes <= MAX_TOPIC_BYTES ? [records] : requestsFor(records)) {
      const sentAt = Date.now();
      const timestamp = String(sentAt);
      const sent = request.map(({ topic, key, value, headers }) => ({
        topic: this.names.full(topic),
        message: { key, value, headers, timestamp },
      }));
      const answer = await this.sendOne(this.byTopic(sent));
      positions.push(...positionsOf(sent, answer, sentAt));
    }
    return positions;
  }

  private async sendOne(topicMessages: TopicMessages[]): Promise<RecordMetadata[]> {
    try {
      return await this.producer.sendBatch({ acks: -1, topicMessages });
    } catch (error) {
      nameTopics(error, topicMessages);
      throw error;
    }
  }

  private byTopic(sent: readonly Sent[]): TopicMessages[] {
    const topics = new Map<string, Message[]>();
    for (const { topic, message } of sent) {
      const messages = topics.get(topic);
      if (messages === undefined) topics.set(topic, [message]);
      else messages.push(message);
    }
    return Array.from(topics, ([topic, messages]) => ({
      topic,
      messages: this.isTuned ? this.groups.of(messages) : messages,
    }));
  }
}

/** Kafka refuses a request as a whole, and does not say for which topic. */
function nameTopics(error: unknown, topics: readonly TopicMessages[]): void {
  if (!(error instanceof Error) || troubleIn('kafka', error.message) !== 'denied') return;
  const names = topics.map(({ topic }) => topic).join(', ');
  error.message = `writing to ${names} is refused: ${error.message}`;
}
