import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka, KafkaMessage, Producer } from 'kafkajs';
import {
  decode,
  encode,
  headersOf,
  signatureHeaders,
  TopicNames,
  TOPIC_SUFFIXES,
  messagesOn,
  topicOf,
} from '../../messages/index.js';
import type { Decoded, Message, TopicSuffix } from '../../messages/index.js';
import { firstCause } from '../first-cause.js';
import type { NodeMessageType } from '../node-protocol.js';
import { Reach } from '../reach.js';
import type { Signer } from '../signing.js';
import { TransportUnavailable, type Listener, type MessageHeaders, type Transport } from '../transport.js';
import { backoffMs, pause } from '../waiting.js';
import { asAdmin, createKafka, type KafkaClientOptions } from './kafka-client.js';
import { endsOf, type Positions } from './positions.js';
import { Reader, type Ear } from './reader.js';
import { Sender, type Outgoing } from './sender.js';
import { Traces } from './traces.js';

export type KafkaTransportOptions = KafkaClientOptions & {
  readonly topicPrefix: string;
  readonly headers?: MessageHeaders;
  readonly signer?: Signer;
};

const TRY_AGAIN_AFTER_MS = 500;
const REQUESTS = topicOf('REGISTRY_REQUEST_INTROSPECTION');
const SAYS: readonly TopicSuffix[] = [topicOf('NODE_INTROSPECTION'), topicOf('NODE_REGISTRATION_ACKED')];

/** Many nodes on one producer and one consumer. Can be opened again after it was closed. */
export class KafkaTransport implements Transport {
  readonly #kafka: Kafka;
  readonly #names: TopicNames;
  readonly #clientId: string;
  readonly #where: string;
  readonly #headers: MessageHeaders | undefined;
  readonly #signer: Signer | undefined;
  readonly #reach = new Reach();
  readonly #traces = new Traces();
  #listener: Listener | undefined;
  #producer: Producer | undefined;
  #sender: Sender | undefined;
  #reader: Reader | undefined;
  #topics: readonly string[] = [];
  #positions: Positions | undefined;

  constructor(options: KafkaTransportOptions) {
    const { brokers, topicPrefix, clientId, headers, signer } = options;
    this.#clientId = clientId;
    this.#where = `Kafka at ${brokers.join(', ')}`;
    this.#names = new TopicNames(topicPrefix);
    this.#headers = headers;
    this.#signer = signer;
    // While opening, what goes wrong is thrown as well.
    this.#kafka = createKafka(options, (text) => this.#reader && this.#listener?.trouble(text));
  }

  async open(listener: Listener, signal: AbortSignal = new AbortController().signal): Promise<void> {
    this.#listener = listener;
    this.#reach.listener(listener);
    this.#topics = TOPIC_SUFFIXES.filter((suffix) =>
      listener.types.some((type) => messagesOn(suffix).includes(type)),
    ).map((suffix) => this.#names.full(suffix));
    for (let failures = 0; ; failures += 1) {
      try {
        await this.#connect();
        return this.#reach.back('opening');
      } catch (error) {
        const reason =
          error instanceof TransportUnavailable
            ? error.message
            : `${this.#where} is not to be had: ${firstCause(error)}`;
        await this.close();
        if (signal.aborted) throw new TransportUnavailable(reason);
        this.#reach.away('opening', reason);
        await pause(backoffMs(failures), signal);
      }
    }
  }

  async send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    if (this.#sender === undefined) throw new Error('the transport is not open');
    await this.#sender.send(messages.map((message) => this.#outgoing(message)));
  }

  async settle(signal: AbortSignal): Promise<void> {
    let ends: Positions | undefined;
    while (ends === undefined || !this.#positions?.reached(ends)) {
      signal.throwIfAborted();
      try {
        ends ??= await asAdmin(this.#kafka, (admin) => endsOf(admin, this.#topics));
        await sleep(20, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        this.#listener?.trouble(firstCause(error));
        await sleep(TRY_AGAIN_AFTER_MS);
      }
    }
  }

  async close(): Promise<void> {
    const [sender, reader, producer] = [this.#sender, this.#reader, this.#producer];
    this.#sender = this.#reader = this.#producer = undefined;
    sender?.close();
    await Promise.all([reader?.stop(), producer?.disconnect().catch(() => undefined)]);
    const groups = reader?.groups ?? [];
    // What stays behind when the broker is away is an empty group without offsets: the broker forgets it by itself.
    if (groups.length > 0)
      await asAdmin(this.#kafka, (admin) => admin.deleteGroups([...groups])).catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const positions = await asAdmin(this.#kafka, async (admin) => {
      await this.#checkTopics(admin);
      return endsOf(admin, this.#topics);
    });
    this.#positions = positions;
    const producer = this.#kafka.producer({ allowAutoTopicCreation: false });
    this.#producer = producer;
    await producer.connect();
    this.#sender = new Sender(
      producer,
      (reason) => this.#reach.away('sending', reason),
      () => this.#reach.back('sending'),
    );
    const group = `${this.#clientId}-${randomUUID()}`;
    this.#reader = new Reader(this.#kafka, group, this.#topics, positions, this.#ear(positions));
    await this.#reader.start();
  }

  async #checkTopics(admin: Admin): Promise<void> {
    const wanted = [...this.#topics, ...SAYS.map((suffix) => this.#names.full(suffix))];
    const there = new Set(await admin.listTopics());
    const missing = wanted.filter((topic) => !there.has(topic));
    if (missing.length === 0) return;
    throw new TransportUnavailable(
      `${this.#where} is there, but ${missing.length} of ${wanted.length} topics are missing, such as ${missing[0]}: ` +
        `start Rollcall, which makes them, and see that both have the same TOPIC_PREFIX (here ${this.#names.prefix})`,
    );
  }

  #ear(positions: Positions): Ear {
    return {
      hear: (topic, messages) => this.#hear(topic, messages),
      heardAll: () => this.#listener?.heardAll(),
      trouble: (reason) => this.#reach.away('hearing', reason),
      well: () => this.#reach.back('hearing'),
      beforeRestart: async () => positions.cutTo(await asAdmin(this.#kafka, (admin) => endsOf(admin, this.#topics))),
    };
  }

  #hear(topic: string, messages: readonly KafkaMessage[]): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const suffix = this.#names.suffix(topic);
    for (const { key, value, headers } of messages) {
      if (key === null || value === null) continue;
      const nodeId = key.toString();
      if (listener.knows(nodeId)) {
        const decoded = decode(suffix, { key, value });
        if (decoded.ok) this.#traces.heard(decoded.message, headers);
        listener.hear({ nodeId, value, decoded });
      } else if (suffix === REQUESTS) this.#hearRequest(listener, decode(suffix, { key, value }), value);
    }
  }

  /** Of the requests to introspect, those to all nodes have the registry as their key. */
  #hearRequest(listener: Listener, decoded: Decoded, value: Buffer): void {
    if (!decoded.ok || decoded.message.eventType !== 'REGISTRY_REQUEST_INTROSPECTION') return;
    if (decoded.message.payload.targetNodeId === undefined) listener.hear({ nodeId: null, value, decoded });
  }

  #outgoing(message: Message<NodeMessageType>): Outgoing {
    const value = encode(message);
    return {
      topic: this.#names.full(topicOf(message.eventType)),
      message: {
        key: message.payload.nodeId,
        value,
        headers: {
          ...headersOf(message),
          ...this.#traces.of(message),
          ...this.#headers?.(message, value),
          ...(this.#signer && signatureHeaders(this.#signer(message, value))),
        },
      },
    };
  }
}
