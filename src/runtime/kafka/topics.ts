import kafkajs, { type Admin } from 'kafkajs';
import {
  errorText,
  isCompacted,
  TOPIC_SUFFIXES,
  topicSettings,
  type TopicNames,
  type TopicSuffix,
} from '../../messages/index.js';
import { errorType, onceLed } from './leaders.js';

/** The topics are there, but not as we need them, and we may not change them: boot fails. */
export class TopicError extends Error {
  constructor(problems: readonly string[]) {
    super(`the Kafka topics are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'TopicError';
  }
}

const TIMESTAMPS = 'message.timestamp.type';
const CLEANUP = 'cleanup.policy';
const LEADERS_WITHIN_MS = 10_000;

/**
 * Creates the topics that are missing, and makes sure that all stamp records with the broker's append time, on which every
 * `now` rests, and that the one of snapshots is compacted: where old records are deleted, a node that rests would be lost. Throws {@link TopicError} where that cannot be had; any other error means that Kafka is not there.
 */
export async function ensureTopics(admin: Admin, names: TopicNames, partitions: number): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const isThere = (suffix: TopicSuffix): boolean => existing.has(names.full(suffix));
  const missing = TOPIC_SUFFIXES.filter((suffix) => !isThere(suffix));
  if (missing.length > 0) {
    const others = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
    const [first] = missing.map((suffix) => names.full(suffix));
    await allowed(
      `${first}${others} are not there, or may not be seen (Describe), and making them (Create)`,
      admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((suffix) => ({
          topic: names.full(suffix),
          numPartitions: partitions,
          configEntries: Object.entries(topicSettings(suffix)).map(([name, value]) => ({ name, value })),
        })),
      }),
    );
  }
  await alterWhatDiffers(admin, names, TOPIC_SUFFIXES.filter(isThere));
  // A consumer that starts on a partition without a leader leaves it unread for ever.
  for (const suffix of TOPIC_SUFFIXES) {
    await onceLed(() => admin.fetchTopicOffsets(names.full(suffix)), LEADERS_WITHIN_MS);
  }
}

/** What a topic cannot do without; how long it keeps its records is the operator's to change. */
function needsOf(suffix: TopicSuffix): readonly (readonly [name: string, value: string])[] {
  const settings = topicSettings(suffix);
  return [TIMESTAMPS, ...(isCompacted(suffix) ? [CLEANUP] : [])].map((name) => [name, settings[name] ?? '']);
}

/** How many partitions each topic has. */
export async function partitionCounts(admin: Admin, names: TopicNames): Promise<ReadonlyMap<TopicSuffix, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: TOPIC_SUFFIXES.map((suffix) => names.full(suffix)) });
  return new Map(topics.map(({ name, partitions }) => [names.suffix(name), partitions.length]));
}

async function alterWhatDiffers(admin: Admin, names: TopicNames, suffixes: readonly TopicSuffix[]): Promise<void> {
  if (suffixes.length === 0) return;
  const { resources } = await allowed(
    'looking at the settings of the topics (DescribeConfigs)',
    admin.describeConfigs({
      includeSynonyms: false,
      resources: suffixes.map((suffix) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: names.full(suffix) })),
    }),
  );
  const problems: string[] = [];
  for (const { resourceName: topic, configEntries } of resources) {
    const valueOf = (name: string) => configEntries.find((entry) => entry.configName === name)?.configValue;
    const differing = needsOf(names.suffix(topic)).filter(([name, value]) => valueOf(name) !== value);
    if (differing.length === 0) continue;
    // AlterConfigs replaces the whole set: what was set on the topic before has to be sent again.
    const kept = configEntries
      .filter(
        (entry) => !entry.isDefault && isSetOnTopic(entry) && !differing.some(([name]) => name === entry.configName),
      )
      .map((entry) => ({ name: entry.configName, value: entry.configValue }));
    const altered = differing.map(([name, value]) => ({ name, value }));
    try {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [...kept, ...altered] }],
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      problems.push(
        ...differing.map(
          ([name, value]) =>
            `${topic} has ${name}=${valueOf(name) ?? 'unknown'}, needs ${value}, and altering it is refused ` +
            `(${errorText(error)}): set it by hand, or allow AlterConfigs to this client`,
        ),
      );
    }
  }
  if (problems.length > 0) throw new TopicError(problems);
}

/** DYNAMIC_TOPIC_CONFIG in Kafka's protocol. */
function isSetOnTopic(entry: object): boolean {
  return 'configSource' in entry && entry.configSource === 1;
}

/** Says what it is that Kafka does not let us do: of the topic or the operation its own words tell nothing. */
async function allowed<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const refusal = [error, ...innerErrors(error)].find(isRefusal);
    if (refusal === undefined) throw error;
    throw new Error(`${what} is refused`, { cause: refusal });
  }
}

/** Several topics of one request fail each with an error of their own. */
function innerErrors(error: unknown): readonly unknown[] {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
}

/** Authorisation and policy errors stay refusals, however often one asks. */
function isRefusal(error: unknown): boolean {
  return REFUSALS.includes(errorType(error));
}

const REFUSALS = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'POLICY_VIOLATION', 'INVALID_CONFIG'];
