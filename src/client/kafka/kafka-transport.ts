import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type KafkaMessage, type Producer } from 'kafkajs';
import { decode, encode, headersOf, TopicNames, TOPIC_SUFFIXES, messagesOn, topicOf } from '../../messages/index.js';
import type { Decoded, Message, TopicSuffix } from '../../messages/index.js';
import type { NodeMessageType } from '../node-protocol.js';
import { TransportUnavailable, type Listener, type Transport } from '../transport.js';
import { firstCause } from './failure.js';
import { endsOf, type Positions } from './positions.js';
import { Reader, type Ear } from './reader.js';
import { Sender } from './sender.js';

export type KafkaTransportOptions = {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly clientId: string;
};

const TRY_AGAIN_AFTER_MS = 500;
const REQUESTS = topicOf('REGISTRY_REQUEST_INTROSPECTION');
const SAYS: readonly TopicSuffix[] = [topicOf('NODE_INTROSPECTION'), topicOf('NODE_REGISTRATION_ACKED')];

/** Many nodes on one producer and one consumer. */
export class KafkaTransport implements Transport {
  readonly #kafka: Kafka;
  readonly #names: TopicNames;
  readonly #clientId: string;
  readonly #where: string;
  #listener: Listener | undefined;
  #producer: Producer | undefined;
  #sender: Sender | undefined;
  #reader: Reader | undefined;
  #topics: readonly string[] = [];
  #positions: Positions | undefined;

  constructor({ brokers, topicPrefix, clientId }: KafkaTransportOptions) {
    this.#clientId = clientId;
    this.#where = `Kafka at ${brokers.join(', ')}`;
    this.#names = new TopicNames(topicPrefix);
    this.#kafka = new Kafka({
      clientId,
      brokers: [...brokers],
      connectionTimeout: 3000,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
      logLevel: logLevel.ERROR,
      // While opening, what goes wrong is thrown as well.
      logCreator: () => (entry) => this.#reader && this.#trouble(entry.log.message),
    });
  }

  async open(listener: Listener, signal?: AbortSignal): Promise<void> {
    this.#listener = listener;
    this.#topics = TOPIC_SUFFIXES.filter((suffix) =>
      listener.types.some((type) => messagesOn(suffix).includes(type)),
    ).map((suffix) => this.#names.full(suffix));
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        const reason =
          error instanceof TransportUnavailable
            ? error.message
            : `${this.#where} is not to be had: ${firstCause(error)}`;
        await this.close();
        if (signal?.aborted) throw new TransportUnavailable(reason);
        listener.trouble(reason);
        await sleep(TRY_AGAIN_AFTER_MS, undefined, signal && { signal }).catch(() => undefined);
      }
    }
  }

  async send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    if (this.#sender === undefined) throw new Error('the transport is not open');
    await this.#sender.send(
      messages.map((message) => ({
        topic: this.#names.full(topicOf(message.eventType)),
        message: { key: message.payload.nodeId, value: encode(message), headers: headersOf(message) },
      })),
    );
  }

  async settle(signal: AbortSignal): Promise<void> {
    let ends: Positions | undefined;
    while (ends === undefined || !this.#positions?.reached(ends)) {
      signal.throwIfAborted();
      try {
        ends ??= await this.#asAdmin((admin) => endsOf(admin, this.#topics));
        await sleep(20, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        this.#trouble(firstCause(error));
        await sleep(TRY_AGAIN_AFTER_MS);
      }
    }
  }

  async close(): Promise<void> {
    this.#sender?.close();
    const groups = this.#reader?.groups ?? [];
    await Promise.all([this.#reader?.stop(), this.#producer?.disconnect().catch(() => undefined)]);
    this.#sender = this.#reader = this.#producer = undefined;
    // What stays behind when the broker is away is an empty group without offsets: the broker forgets it by itself.
    if (groups.length > 0) await this.#asAdmin((admin) => admin.deleteGroups([...groups])).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    this.#positions = await this.#asAdmin(async (admin) => {
      const wanted = [...this.#topics, ...SAYS.map((suffix) => this.#names.full(suffix))];
      const there = new Set(await admin.listTopics());
      const missing = wanted.filter((topic) => !there.has(topic));
      if (missing.length > 0) {
        throw new TransportUnavailable(
          `${this.#where} is there, but ${missing.length} of ${wanted.length} topics are missing, such as ${missing[0]}: ` +
            `start Rollcall, which makes them, and see that both have the same TOPIC_PREFIX (here ${this.#names.prefix})`,
        );
      }
      return endsOf(admin, this.#topics);
    });
    this.#producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    await this.#producer.connect();
    const ear: Ear = {
      hear: (topic, messages) => this.#hear(topic, messages),
      heardAll: () => this.#listener?.heardAll(),
      trouble: (reason) => this.#trouble(reason),
    };
    this.#sender = new Sender(this.#producer, ear.trouble);
    const group = `${this.#clientId}-${randomUUID()}`;
    this.#reader = new Reader(this.#kafka, group, this.#topics, this.#positions, ear);
    await this.#reader.start();
  }

  #hear(topic: string, messages: readonly KafkaMessage[]): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const suffix = this.#names.suffix(topic);
    for (const { key, value } of messages) {
      if (key === null || value === null) continue;
      const nodeId = key.toString();
      if (listener.knows(nodeId)) listener.hear({ nodeId, value, decoded: decode(suffix, { key, value }) });
      else if (suffix === REQUESTS) this.#hearRequest(listener, decode(suffix, { key, value }), value);
    }
  }

  #trouble(reason: string): void {
    this.#listener?.trouble(reason);
  }

  /** Of the requests to introspect, those to all nodes have the registry as their key. */
  #hearRequest(listener: Listener, decoded: Decoded, value: Buffer): void {
    if (!decoded.ok || decoded.message.eventType !== 'REGISTRY_REQUEST_INTROSPECTION') return;
    if (decoded.message.payload.targetNodeId === undefined) listener.hear({ nodeId: null, value, decoded });
  }

  /** An idle connection costs a timer of 1 ms in kafkajs, so this one does not stay. */
  async #asAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
