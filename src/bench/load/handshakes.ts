import { randomUUID } from 'node:crypto';
import type { KafkaMessage, Producer } from 'kafkajs';
import { endsOf } from '../../client/kafka/positions.js';
import { Reader } from '../../client/kafka/reader.js';
import { Sender, type Outgoing } from '../../client/kafka/sender.js';
import { errorText, TopicNames, topicOf } from '../../messages/index.js';
import { asAdmin, kafkaOf } from './kafka.js';
import { NodeMessages } from './node-messages.js';

export type HandshakesOptions = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  /** `at`: milliseconds of `performance.now()`, when it was heard. */
  readonly accepted?: (nodeId: string, at: number) => void;
  readonly active?: (nodeId: string, at: number) => void;
  /** Of any node; `appendedAt`: epoch milliseconds, by the broker. */
  readonly expired?: (nodeId: string, value: Buffer, appendedAt: number) => void;
};

const HEARD = {
  accepted: topicOf('NODE_REGISTRATION_ACCEPTED'),
  active: topicOf('NODE_BECAME_ACTIVE'),
  rejected: topicOf('NODE_REGISTRATION_REJECTED'),
  expired: topicOf('NODE_LIVENESS_EXPIRED'),
} as const;

type Answer = keyof typeof HEARD;

/**
 * Nodes that register, many on one connection: introduces them, acknowledges each *accepted*, and tells when it hears *active*. It
 * parses nothing, so that it costs little beside what it measures.
 */
export class Handshakes {
  /** Correlation ids of handshakes under way, by node. */
  private readonly underWay = new Map<string, string>();
  private readonly messages: NodeMessages;
  private readonly answers: ReadonlyMap<string, Answer>;
  private acks: Outgoing[] = [];
  private rejections = 0;
  private failure: Error | undefined;
  private reader: Reader | undefined;

  private constructor(
    private readonly options: HandshakesOptions,
    private readonly producer: Producer,
    private readonly sender: Sender,
  ) {
    const names = new TopicNames(options.topicPrefix);
    this.messages = new NodeMessages(options.topicPrefix);
    this.answers = new Map(Object.entries(HEARD).map(([answer, suffix]) => [names.full(suffix), answer as Answer]));
  }

  /** Resolves when nothing that is said from now on is missed. The topics have to be there. */
  static async open(options: HandshakesOptions): Promise<Handshakes> {
    const kafka = kafkaOf(options.brokers);
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const handshakes: Handshakes = new Handshakes(
      options,
      producer,
      new Sender(producer, (reason) => handshakes.fail(reason)),
    );
    const topics = [...handshakes.answers.keys()];
    const positions = await asAdmin(kafka, (admin) => endsOf(admin, topics));
    handshakes.reader = new Reader(kafka, `rollcall-bench-${randomUUID()}`, topics, positions, {
      hear: (topic, messages) => handshakes.hear(topic, messages),
      heardAll: () => handshakes.acknowledge(),
      trouble: (reason) => handshakes.fail(reason),
    });
    await handshakes.reader.start();
    return handshakes;
  }

  /** Nodes that were introduced and are not active yet. */
  get open(): number {
    return this.underWay.size;
  }

  /** Begins a handshake of each node; resolves when the broker has their introspections. */
  async introduce(nodeIds: readonly string[], incarnation = Date.now()): Promise<void> {
    this.check();
    const outgoing = nodeIds.map((nodeId) => {
      const correlationId = randomUUID();
      this.underWay.set(nodeId, correlationId);
      return this.messages.introspection(nodeId, correlationId, incarnation);
    });
    await this.sender.send(outgoing);
  }

  /** Throws what went wrong since the start: a measurement with a rejected node or a lost broker is none. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.rejections > 0) throw new Error(`${this.rejections} nodes were rejected: see the registry's log`);
  }

  async close(): Promise<void> {
    this.sender.close();
    const groups = this.reader?.groups ?? [];
    await this.reader?.stop();
    await this.producer.disconnect();
    if (groups.length > 0) {
      await asAdmin(kafkaOf(this.options.brokers), (admin) => admin.deleteGroups([...groups]));
    }
  }

  private hear(topic: string, messages: readonly KafkaMessage[]): void {
    const answer = this.answers.get(topic);
    const at = performance.now();
    for (const message of messages) {
      const { key, value, headers } = message;
      if (key === null || value === null || answer === undefined) continue;
      const nodeId = key.toString();
      if (answer === 'expired') this.options.expired?.(nodeId, value, Number(message.timestamp));
      else if (this.isAwaited(nodeId, headers?.['correlation_id'])) this.heard(answer, nodeId, value, at);
    }
  }

  private heard(answer: Exclude<Answer, 'expired'>, nodeId: string, value: Buffer, at: number): void {
    switch (answer) {
      case 'accepted':
        this.options.accepted?.(nodeId, at);
        this.acks.push(this.messages.ack(nodeId, value));
        return;
      case 'active':
        this.underWay.delete(nodeId);
        this.options.active?.(nodeId, at);
        return;
      case 'rejected':
        this.rejections += 1;
        return;
      default:
        answer satisfies never;
    }
  }

  private isAwaited(nodeId: string, correlationId: unknown): boolean {
    const awaited = this.underWay.get(nodeId);
    return awaited !== undefined && String(correlationId) === awaited;
  }

  private acknowledge(): void {
    if (this.acks.length === 0) return;
    const acks = this.acks;
    this.acks = [];
    this.sender.send(acks).catch((error: unknown) => this.fail(errorText(error)));
  }

  private fail(reason: string): void {
    this.failure ??= new Error(`the driver's way to Kafka fails: ${reason}`);
  }
}
