import kafkajs, { type Admin } from 'kafkajs';
import { TOPIC_SUFFIXES, type TopicNames } from '../../messages/index.js';
import { createLog } from '../log.js';
import { groupFacts, type GroupFacts } from './group-facts.js';
import { createKafka } from './kafka-client.js';
import type { KafkaSecurity } from './kafka-security.js';
import { onceLed } from './leaders.js';
import { within } from './within.js';

export type PartitionFacts = {
  readonly partition: number;
  /** -1: none, so nobody can read or write it. */
  readonly leader: number;
  readonly replicas: number;
  readonly inSync: number;
};

export type TopicFacts = {
  /** Full name. */
  readonly name: string;
  readonly partitions: readonly PartitionFacts[];
  readonly settings: Readonly<Record<string, string>>;
};

/** What is there on Kafka for a registry. */
export type KafkaFacts = {
  readonly brokers: number;
  readonly topics: readonly TopicFacts[];
  /** Full names of our topics that are not there. */
  readonly missing: readonly string[];
  /** Under which there are topics of another registry. */
  readonly otherTopicPrefixes: readonly string[];
  readonly groups: readonly GroupFacts[];
  /** Under which there are groups of another registry. */
  readonly otherGroupPrefixes: readonly string[];
  /** The broker has stamped a record with a time that is at least so far ahead of our clock. */
  readonly aheadMs: number;
};

export type KafkaFactsOptions = {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly names: TopicNames;
  readonly groupPrefix: string;
  readonly timeoutMs: number;
};

/** Others may have topics and groups whose names end like this one by chance; hardly two of ours. */
const TELLTALE_TOPIC = '.evt.node-introspection.v1';
const TELLTALE_GROUP = '.orchestrator';
const AHEAD_MS = [2000, 30_000, 600_000, 86_400_000];

/** Looks, and changes nothing. Rejects with what Kafka, or the way to it, has against it, within the time. */
export async function readKafkaFacts(options: KafkaFactsOptions): Promise<KafkaFacts> {
  const kafka = createKafka(options.brokers, 'rollcall-doctor', createLog('silent'), options.security);
  const admin = kafka.admin({ retry: { retries: 1 } });
  const late = `no answer within ${options.timeoutMs} ms`;
  try {
    await within(options.timeoutMs, admin.connect(), late);
    const looking = onceLed(() => gather(admin, options), options.timeoutMs / 2);
    return await within(options.timeoutMs, looking, late);
  } finally {
    // A broker that does not answer keeps nobody here.
    void admin.disconnect().catch(() => undefined);
  }
}

async function gather(admin: Admin, { names, groupPrefix }: KafkaFactsOptions): Promise<KafkaFacts> {
  const { brokers } = await admin.describeCluster();
  const existing = await admin.listTopics();
  const wanted = TOPIC_SUFFIXES.map((suffix) => names.full(suffix));
  const ours = wanted.filter((topic) => existing.includes(topic));
  const { groups } = await admin.listGroups();
  return {
    brokers: brokers.length,
    topics: await topicFacts(admin, ours),
    missing: wanted.filter((topic) => !existing.includes(topic)),
    otherTopicPrefixes: prefixesOf(existing, TELLTALE_TOPIC, names.prefix),
    groups: await groupFacts(admin, groupPrefix, names.prefix),
    otherGroupPrefixes: prefixesOf(
      groups.map(({ groupId }) => groupId),
      TELLTALE_GROUP,
      groupPrefix,
    ),
    aheadMs: await aheadOf(admin, ours),
  };
}

async function topicFacts(admin: Admin, topics: readonly string[]): Promise<readonly TopicFacts[]> {
  if (topics.length === 0) return [];
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [...topics] });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const settings = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return described.map(({ name, partitions }) => ({
    name,
    partitions: partitions
      .map(({ partitionId, leader, replicas, isr }) => ({
        partition: partitionId,
        leader,
        replicas: replicas.length,
        inSync: isr.length,
      }))
      .sort((a, b) => a.partition - b.partition),
    settings: settings.get(name) ?? {},
  }));
}

/** What stands before the telltale end of a name, where it is not ours. */
function prefixesOf(allNames: readonly string[], telltale: string, ours: string): readonly string[] {
  return allNames
    .filter((name) => name.endsWith(telltale))
    .map((name) => name.slice(0, -telltale.length))
    .filter((prefix) => prefix !== ours)
    .sort();
}

/** A clock that is ahead shows in its stamps; one that is behind looks like a log in which nothing happens. */
async function aheadOf(admin: Admin, topics: readonly string[]): Promise<number> {
  let aheadMs = 0;
  for (const topic of topics.filter((name) => /node-introspection|node-heartbeat|registration-progress/.test(name))) {
    for (const ms of AHEAD_MS) {
      const ends = await admin.fetchTopicOffsets(topic);
      const stamped = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() + ms);
      const isAhead = stamped.some(({ partition, offset }) => {
        const end = ends.find((one) => one.partition === partition);
        return end !== undefined && BigInt(offset) < BigInt(end.high);
      });
      if (!isAhead) break;
      aheadMs = Math.max(aheadMs, ms);
    }
  }
  return aheadMs;
}
