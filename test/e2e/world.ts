import { Kafka, logLevel, type Admin, type Consumer, type KafkaMessage, type Message, type Producer } from 'kafkajs';
import pg from 'pg';
import { isCompacted, TOPIC_SUFFIXES, TopicNames, type TopicSuffix } from '../../src/messages/index.js';
import { addressOf, createDatabase, uniqueName, type TestDatabase } from '../support/stack.js';
import type { Environment } from './rollcall.js';

/** All but snapshots: those tell how nodes are and not what happens, and come by their own time. */
export const EVENT_TOPICS: readonly TopicSuffix[] = TOPIC_SUFFIXES.filter((topic) => !isCompacted(topic));

/** A broker that has other work to do is only slow. */
const PATIENCE_MS = 60_000;

/** A record as a plain consumer sees it. */
export type Seen = {
  readonly topic: TopicSuffix;
  readonly partition: number;
  readonly offset: string;
  /** When the log took it, epoch milliseconds. */
  readonly appendedAt: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly envelope: {
    readonly event_id: string;
    readonly event_type: string;
    readonly event_timestamp: string;
    readonly correlation_id: string;
    readonly causation_id: string | null;
    readonly payload: Readonly<Record<string, unknown>> & { readonly node_id: string };
  };
};

/** Everything that a registry of its own needs on the shared servers, and means to look into it from outside. */
export class World {
  private constructor(
    readonly environment: Environment,
    readonly names: TopicNames,
    readonly registryId: string,
    readonly database: pg.Pool,
    private readonly created: TestDatabase,
    readonly kafka: Kafka,
    private readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async create(overrides: Environment = {}): Promise<World> {
    const name = uniqueName('e2e');
    const created = await createDatabase();
    const brokers = addressOf('kafka');
    const kafka = new Kafka({
      clientId: name,
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 15_000,
      requestTimeout: 2 * PATIENCE_MS,
    });
    const admin = kafka.admin();
    const producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    const environment = {
      KAFKA_BROKERS: brokers,
      CONSUL_HTTP_ADDR: addressOf('consul'),
      DATABASE_URL: created.url,
      TOPIC_PREFIX: name,
      KAFKA_GROUP_PREFIX: name,
      REGISTRY_ID: name,
      ...overrides,
    };
    const database = new pg.Pool({ connectionString: created.url, max: 4 });
    // Dropping the database ends idle connections.
    database.on('error', () => undefined);
    return new World(environment, new TopicNames(name), name, database, created, kafka, admin, producer);
  }

  async close(): Promise<void> {
    await this.database.end();
    const topics = (await this.admin.listTopics()).filter((topic) => topic.startsWith(`${this.names.prefix}.`));
    if (topics.length > 0) await this.admin.deleteTopics({ topics, timeout: PATIENCE_MS });
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()]);
    await this.forgetInConsul();
    await this.created.drop();
  }

  /** Appends a record as any program could. */
  async append(topic: TopicSuffix, key: string | null, value: string | Buffer | null, headers = {}): Promise<void> {
    await this.appendAll(topic, [{ key, value, headers }]);
  }

  /** Appends records at once; those of one key keep their order. */
  async appendAll(topic: TopicSuffix, messages: Message[]): Promise<void> {
    await this.producer.send({ topic: this.names.full(topic), acks: -1, messages });
  }

  /** Every record that is in the topics now, by topic, partition and offset. */
  async read(topics: readonly TopicSuffix[] = EVENT_TOPICS): Promise<readonly Seen[]> {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, low, high } of await this.admin.fetchTopicOffsets(this.names.full(topic))) {
        if (BigInt(high) > BigInt(low)) ends.set(`${topic} ${partition}`, BigInt(high));
      }
    }
    if (ends.size === 0) return [];
    const seen = new Map<string, Seen>();
    const groupId = uniqueName('probe');
    const consumer: Consumer = this.kafka.consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topics: topics.map((topic) => this.names.full(topic)), fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // One that goes on by itself begins anew.
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error);
      });
      consumer
        .run({
          autoCommit: false,
          eachMessage: ({ topic, partition, message }) => {
            const suffix = this.names.suffix(topic);
            const place = `${suffix} ${partition}`;
            const end = ends.get(place);
            if (end === undefined || BigInt(message.offset) >= end) return Promise.resolve();
            seen.set(`${place} ${message.offset}`, asSeen(suffix, partition, message));
            if (BigInt(message.offset) === end - 1n) ends.delete(place);
            if (ends.size === 0) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    // What stays behind is an empty group without offsets: the broker forgets it by itself.
    await this.admin.deleteGroups([groupId]).catch(() => undefined);
    return [...seen.values()];
  }

  /** Offsets that a group of the registry has committed, summed over a topic. */
  async committed(group: string, topic: TopicSuffix): Promise<number> {
    const [offsets] = await this.admin.fetchOffsets({
      groupId: `${this.names.prefix}.${group}`,
      topics: [this.names.full(topic)],
    });
    return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  /** Whether a group of the registry is done with a record. */
  async isDone(group: string, { topic, partition, offset }: Seen): Promise<boolean> {
    const [offsets] = await this.admin.fetchOffsets({
      groupId: `${this.names.prefix}.${group}`,
      topics: [this.names.full(topic)],
    });
    const committed = offsets?.partitions.find((one) => one.partition === partition)?.offset ?? '-1';
    return BigInt(committed) > BigInt(offset);
  }

  async consul<T>(path: string): Promise<T> {
    const response = await fetch(`${addressOf('consul')}${path}`);
    if (!response.ok) throw new Error(`Consul answers ${response.status} to ${path}`);
    return (await response.json()) as T;
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.database.query<T>(sql, values)).rows;
  }

  private async forgetInConsul(): Promise<void> {
    const nodes = await this.consul<{ Node: string }[]>(
      `/v1/catalog/nodes?filter=${encodeURIComponent(`Meta["rollcall-owner"] == "${this.registryId}"`)}`,
    );
    const deletions = nodes.map(({ Node }) => ({ Node: { Verb: 'delete', Node: { Node } } }));
    for (let start = 0; start < deletions.length; start += 64) {
      const body = JSON.stringify(deletions.slice(start, start + 64));
      await fetch(`${addressOf('consul')}/v1/txn`, { method: 'PUT', body });
    }
  }
}

export function asSeen(topic: TopicSuffix, partition: number, message: KafkaMessage): Seen {
  const value = message.value?.toString() ?? '';
  return {
    topic,
    partition,
    offset: message.offset,
    appendedAt: Number(message.timestamp),
    key: message.key?.toString() ?? null,
    value,
    headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)])),
    envelope: parsed(value),
  };
}

/** Rubbish that the tests themselves append has no envelope. */
function parsed(value: string): Seen['envelope'] {
  try {
    return JSON.parse(value) as Seen['envelope'];
  } catch {
    return {
      event_id: '',
      event_type: '',
      event_timestamp: '',
      correlation_id: '',
      causation_id: null,
      payload: { node_id: '' },
    };
  }
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/**
 * Messages of one type with one cause under different ids: what must never be. One confirmation may complete a registration and
 * an update of it.
 */
export function doubleIds(records: readonly Seen[]): string[] {
  const groups = groupBy(
    records.filter(({ envelope }) => envelope.causation_id !== null),
    ({ topic, key, envelope: { event_type: type, causation_id: cause, payload } }) =>
      `${topic} ${key} ${type} ${String(payload['kind'])} ${cause}`,
  );
  return [...groups]
    .filter(([, group]) => new Set(group.map(({ envelope }) => envelope.event_id)).size > 1)
    .map(([name]) => name);
}
