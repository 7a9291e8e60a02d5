import kafkajs, { type Admin } from 'kafkajs';
import { errorText, TOPIC_SUFFIXES, type TopicNames } from '../../messages/index.js';

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
  // Right after creation a broker may still answer "not the leader", and a consumer started then would leave those
  // partitions unread for ever.
  for (const topic of wanted) await admin.fetchTopicOffsets(topic);
}

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
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  return ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'POLICY_VIOLATION', 'INVALID_CONFIG'].includes(
    type,
  );
}
