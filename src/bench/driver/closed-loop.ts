import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners, type KafkaMessage, type Producer } from 'kafkajs';
import { nodeIdOf } from '../../fleet/simulated-node.js';
import { topicOf, TopicNames } from '../../messages/index.js';
import { createNodeTexts } from './node-texts.js';
import { Outbox } from './outbox.js';
import { Reader } from './reader.js';
import { uuidIn } from './scan.js';

export type ClosedLoopSettings = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly groupPrefix: string;
  /** The nodes are NAME-000001, NAME-000002, … */
  readonly nodePrefix: string;
  /** So many nodes are on their way at any time: one that is active makes room for the next. */
  readonly outstanding: number;
};

export type Counts = {
  begun: number;
  accepted: number;
  active: number;
  /** Answers heard again. */
  copies: number;
};

type Stage = 'begun' | 'acked' | 'active';

/**
 * Nodes that register as fast as they are let: introspection, *accepted*, ack, *active*. What it hears it does not parse: the topic says
 * what it is, and the key whose.
 */
export class ClosedLoop {
  readonly counts: Counts = { begun: 0, accepted: 0, active: 0, copies: 0 };
  readonly #texts = createNodeTexts();
  readonly #topics;
  readonly #stages: Stage[] = [];
  readonly #producer: Producer;
  readonly #reader: Reader;
  readonly #outbox: Outbox;
  readonly #failed: (error: unknown) => void;

  constructor(
    private readonly settings: ClosedLoopSettings,
    failed: (error: unknown) => void,
  ) {
    this.#failed = failed;
    const names = new TopicNames(settings.topicPrefix);
    this.#topics = {
      introspection: names.full(topicOf('NODE_INTROSPECTION')),
      acked: names.full(topicOf('NODE_REGISTRATION_ACKED')),
      accepted: names.full(topicOf('NODE_REGISTRATION_ACCEPTED')),
      rejected: names.full(topicOf('NODE_REGISTRATION_REJECTED')),
      active: names.full(topicOf('NODE_BECAME_ACTIVE')),
    };
    const kafka = new Kafka({ clientId: 'bench-driver', brokers: [...settings.brokers], logLevel: logLevel.ERROR });
    // The key decides on the partition as it does for the nodes of the SDK.
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.#outbox = new Outbox(this.#producer, failed);
    this.#reader = new Reader(
      kafka,
      settings.groupPrefix,
      (topic, messages) => this.#hear(topic, messages),
      () => this.#outbox.flush(),
    );
  }

  /** Connects; nothing is said before {@link begin}. */
  async open(): Promise<void> {
    await this.#producer.connect();
    await this.#reader.start([this.#topics.accepted, this.#topics.active, this.#topics.rejected]);
  }

  begin(): void {
    for (let i = 0; i < this.settings.outstanding; i++) this.#introduce();
    this.#outbox.flush();
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader.stop(), this.#producer.disconnect()]);
  }

  #introduce(): void {
    const index = this.#stages.length;
    const nodeId = nodeIdOf(this.settings.nodePrefix, index);
    this.#stages[index] = 'begun';
    this.counts.begun += 1;
    const correlationId = randomUUID();
    const text = this.#texts.introspection(nodeId, correlationId);
    this.#outbox.put(this.#topics.introspection, nodeId, text, headersOf('NODE_INTROSPECTION', correlationId));
  }

  #hear(topic: string, messages: readonly KafkaMessage[]): void {
    const { accepted, active } = this.#topics;
    for (const { key, value } of messages) {
      if (key === null || value === null) continue;
      const nodeId = key.toString('latin1');
      if (!nodeId.startsWith(this.settings.nodePrefix)) continue;
      const index = Number(nodeId.slice(this.settings.nodePrefix.length + 1)) - 1;
      if (topic === accepted) this.#hearAccepted(index, nodeId, value);
      else if (topic === active) this.#hearActive(index);
      else this.#failed(new Error(`${nodeId} was rejected: ${value.toString()}`));
    }
  }

  #hearAccepted(index: number, nodeId: string, value: Buffer): void {
    if (this.#stages[index] !== 'begun') return void (this.counts.copies += 1);
    this.#stages[index] = 'acked';
    this.counts.accepted += 1;
    const correlationId = uuidIn(value, 'correlation_id');
    const text = this.#texts.ack(nodeId, uuidIn(value, 'attempt_id'), correlationId, uuidIn(value, 'event_id'));
    this.#outbox.put(this.#topics.acked, nodeId, text, headersOf('NODE_REGISTRATION_ACKED', correlationId));
  }

  #hearActive(index: number): void {
    if (this.#stages[index] === 'active') return void (this.counts.copies += 1);
    this.#stages[index] = 'active';
    this.counts.active += 1;
    this.#introduce();
  }
}

function headersOf(eventType: string, correlationId: string): Record<string, string> {
  return { 'content-type': 'application/json', event_type: eventType, correlation_id: correlationId };
}
