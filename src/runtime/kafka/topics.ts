import { setTimeout } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { errorText, TOPIC_SUFFIXES, type TopicNames, type TopicSuffix } from '../../messages/index.js';

/** The topics are there, but not as we need them, and we may not change them: boot fails. */
export class TopicError extends Error {
  constructor(problems: readonly string[]) {
    super(`the Kafka topics are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'TopicError';
  }
}

const TIMESTAMPS = 'message.timestamp.type';
const SEVEN_DAYS_MS = 7 * 24 * 3600 * 1000;
/** A batch for one partition may be as large as this; the publisher keeps below half of it. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

const CONFIG_OF_OURS = [
  { name: TIMESTAMPS, value: 'LogAppendTime' },
  { name: 'retention.ms', value: String(SEVEN_DAYS_MS) },
  { name: 'max.message.bytes', value: String(MAX_BATCH_BYTES) },
];

/**
 * Creates the topics that are missing, and makes sure that all stamp records with the broker's append time, on which every
 * `now` rests. Throws {@link TopicError} where that cannot be had; any other error means that Kafka is not there.
 */
export async function ensureTopics(admin: Admin, names: TopicNames, partitions: number): Promise<void> {
  const wanted = TOPIC_SUFFIXES.map((suffix) => names.full(suffix));
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter((topic) => !existing.has(topic));
  if (missing.length > 0) {
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({ topic, numPartitions: partitions, configEntries: CONFIG_OF_OURS })),
    });
  }
  await stampByBroker(
    admin,
    wanted.filter((topic) => existing.has(topic)),
  );
  for (const topic of wanted) await awaitLeaders(admin, topic);
}

/** How many partitions each topic has. */
export async function partitionCounts(admin: Admin, names: TopicNames): Promise<ReadonlyMap<TopicSuffix, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: TOPIC_SUFFIXES.map((suffix) => names.full(suffix)) });
  return new Map(topics.map(({ name, partitions }) => [names.suffix(name), partitions.length]));
}

/**
 * Right after creation a broker may still answer "not the leader", and a consumer started then would leave those
 * partitions unread for ever.
 */
async function awaitLeaders(admin: Admin, topic: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (attempt === LEADER_ATTEMPTS || !NO_LEADER_YET.includes(typeOf(error))) throw error;
      await setTimeout(LEADER_PAUSE_MS);
    }
  }
}

const LEADER_ATTEMPTS = 100;
const LEADER_PAUSE_MS = 100;
const NO_LEADER_YET = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];

async function stampByBroker(admin: Admin, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  const problems: string[] = [];
  for (const { resourceName: topic, configEntries } of resources) {
    const stamps = configEntries.find((entry) => entry.configName === TIMESTAMPS);
    if (stamps?.configValue === 'LogAppendTime') continue;
    // AlterConfigs replaces the whole set: what was set on the topic before has to be sent again.
    const kept = configEntries
      .filter((entry) => !entry.isDefault && entry.configName !== TIMESTAMPS && isSetOnTopic(entry))
      .map((entry) => ({ name: entry.configName, value: entry.configValue }));
    try {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: [...kept, { name: TIMESTAMPS, value: 'LogAppendTime' }],
          },
        ],
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      problems.push(
        `${topic} has ${TIMESTAMPS}=${stamps?.configValue ?? 'unknown'}, needs LogAppendTime, and altering it is refused ` +
          `(${errorText(error)}): set it by hand, or allow AlterConfigs to this client`,
      );
    }
  }
  if (problems.length > 0) throw new TopicError(problems);
}

/** DYNAMIC_TOPIC_CONFIG in Kafka's protocol. */
function isSetOnTopic(entry: object): boolean {
  return 'configSource' in entry && entry.configSource === 1;
}

/** Authorisation and policy errors stay refusals, however often one asks. */
function isRefusal(error: unknown): boolean {
  return REFUSALS.includes(typeOf(error));
}

const REFUSALS = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'POLICY_VIOLATION', 'INVALID_CONFIG'];

/** Kafka's name of the error. */
function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : '';
}
