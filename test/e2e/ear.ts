import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from 'kafkajs';
import type { MessageType } from '../../src/messages/index.js';
import { uniqueName } from '../support/stack.js';
import { asSeen, EVENT_TOPICS, type Seen, type World } from './world.js';

type Listener = (record: Seen) => void;

const PATIENCE_MS = 60_000;

/** Hears every topic of events of a registry from its beginning, as it is written. Open it once the registry has made its topics. */
export class Ear {
  /** Everything that was heard, copies included, each partition in its order. */
  readonly records: Seen[] = [];
  private readonly byNode = new Map<string, Map<string, Seen>>();
  private readonly listeners = new Set<Listener>();

  private constructor(private readonly consumer: Consumer) {}

  static async open(world: World): Promise<Ear> {
    const consumer = world.kafka.consumer({ groupId: uniqueName('ear'), maxWaitTimeInMs: 100 });
    const ear = new Ear(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: EVENT_TOPICS.map((suffix) => world.names.full(suffix)), fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        const suffix = world.names.suffix(batch.topic);
        for (const message of batch.messages) ear.hear(asSeen(suffix, batch.partition, message));
        return Promise.resolve();
      },
    });
    return ear;
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
  }

  /** Calls back for every record from now on, until the function that it returns is called. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Messages about a node, each once. */
  of(nodeId: string, type?: MessageType): readonly Seen[] {
    const all = [...(this.byNode.get(nodeId)?.values() ?? [])];
    return type === undefined ? all : all.filter(({ envelope }) => envelope.event_type === type);
  }

  /** Messages of a type, each once, whatever node they are about. */
  all(type: MessageType): readonly Seen[] {
    return [...this.byNode.keys()].flatMap((nodeId) => this.of(nodeId, type));
  }

  /** The message number `count` of a type about a node. */
  async until(nodeId: string, type: MessageType, count = 1): Promise<Seen> {
    const found = await this.when(() => this.of(nodeId, type)[count - 1], `${type} number ${count} of ${nodeId}`, {
      heard: () => this.of(nodeId).map(({ envelope }) => envelope.event_type),
    });
    return found;
  }

  /** Lets time pass while a node that beats is heard: resolves with its first beat in the log after `durationMs`. */
  async talkOf(nodeId: string, durationMs: number): Promise<void> {
    const end = Date.now() + durationMs;
    await this.when(
      () => this.of(nodeId, 'NODE_HEARTBEAT').find(({ appendedAt }) => appendedAt > end),
      `beats of ${durationMs} ms by ${nodeId}`,
      { patienceMs: durationMs + PATIENCE_MS },
    );
  }

  /** Resolves with the first answer that is not undefined, asking after each record. */
  when<T>(
    find: () => T | undefined,
    what: string,
    {
      heard = () => this.records.length,
      patienceMs = PATIENCE_MS,
    }: { readonly heard?: () => unknown; readonly patienceMs?: number } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = new AbortController();
      const stop = this.listen(() => look());
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        stop();
        giveUp.abort();
        resolve(found);
      };
      look();
      sleep(patienceMs, undefined, { signal: giveUp.signal }).then(
        () => {
          stop();
          reject(new Error(`waited ${patienceMs} ms in vain for ${what}; heard ${JSON.stringify(heard())}`));
        },
        () => undefined,
      );
    });
  }

  private hear(record: Seen): void {
    this.records.push(record);
    const { payload, event_id: eventId } = record.envelope;
    const ofNode = this.byNode.get(payload.node_id) ?? new Map<string, Seen>();
    this.byNode.set(payload.node_id, ofNode);
    const identity = `${record.topic} ${eventId}`;
    if (!ofNode.has(identity)) ofNode.set(identity, record);
    for (const listener of this.listeners) listener(record);
  }
}
