import type { Config } from '../../config.js';
import type { KafkaFacts, TopicFacts } from '../../runtime/index.js';
import { fail, judged, some, warn, type Finding } from './finding.js';

type Settings = Config['kafka'];

/** The topics that are there: none, and there is nothing to judge. */
export function judgeTopics(facts: KafkaFacts, settings: Settings): readonly Finding[] {
  const { topics } = facts;
  if (topics.length === 0) return [];
  return [
    ...judgePartitions(topics, settings),
    ...judgeReplication(facts),
    ...judgeTimestamps(topics),
    ...judgeRetention(topics),
  ];
}

function judgePartitions(topics: readonly TopicFacts[], { partitions: wanted }: Settings): readonly Finding[] {
  const counts = new Map<number, string[]>();
  for (const { name, partitions } of topics) {
    counts.set(partitions.length, [...(counts.get(partitions.length) ?? []), name]);
  }
  const groups = [...counts].sort(([, a], [, b]) => b.length - a.length);
  const [usual] = groups[0] ?? [wanted];
  const others = groups.slice(1).flatMap(([count, names]) => names.map((name) => `${name} has ${count}`));
  const leaderless = topics.filter(({ partitions }) => partitions.some(({ leader }) => leader < 0));
  return judged('kafka.partitions', `every topic has ${usual} partitions, and each a leader`, [
    others.length > 0 &&
      fail('kafka.partitions', {
        what: `the topics have ${usual} partitions each, but ${some(others)}`,
        why: 'A node has the same partition in every topic, so that one process has all of it; where numbers differ, its messages cross processes, and its order and the speed suffer.',
        mend: `Raise the others to the largest number (kafka-topics --alter --partitions), while the registry is stopped.`,
      }),
    others.length === 0 &&
      usual !== wanted &&
      warn('kafka.partitions', {
        what: `TOPIC_PARTITIONS is ${wanted}, and the topics have ${usual}`,
        why: 'A topic that a later release adds would be made with another number than the rest.',
        mend: `Set TOPIC_PARTITIONS=${usual}.`,
      }),
    leaderless.length > 0 &&
      fail('kafka.partitions', {
        what: `partitions without a leader: ${some(leaderless.map(({ name }) => name))}`,
        why: 'They can be neither read nor written: the nodes in them stand still.',
        mend: 'Start the brokers that hold their replicas.',
      }),
  ]);
}

function judgeReplication({ brokers, topics }: KafkaFacts): readonly Finding[] {
  const replicasOf = ({ partitions }: TopicFacts): number => Math.min(...partitions.map(({ replicas }) => replicas));
  const unwritable = topics.filter((topic) => Number(topic.settings['min.insync.replicas'] ?? 1) > replicasOf(topic));
  const single = topics.filter((topic) => brokers > 1 && replicasOf(topic) < 2);
  const behind = topics.filter(({ partitions }) => partitions.some(({ replicas, inSync }) => inSync < replicas));
  const fewest = Math.min(...topics.map(replicasOf));
  return judged('kafka.replication', `${brokers} broker(s), at least ${fewest} replica(s) of each partition`, [
    unwritable.length > 0 &&
      fail('kafka.replication', {
        what: `min.insync.replicas is above the number of replicas: ${some(unwritable.map(({ name }) => name))}`,
        why: 'Kafka refuses every message for these topics, as the registry asks for all replicas to have it.',
        mend: 'Give the topics more replicas (kafka-reassign-partitions), or lower min.insync.replicas.',
      }),
    single.length > 0 &&
      warn('kafka.replication', {
        what: `one replica, though there are ${brokers} brokers: ${some(single.map(({ name }) => name))}`,
        why: 'When the broker that has it is lost, so are the messages on it.',
        mend: 'Raise the replication to 3 with kafka-reassign-partitions; set default.replication.factor for new topics.',
      }),
    behind.length > 0 &&
      warn('kafka.replication', {
        what: `replicas are behind: ${some(behind.map(({ name }) => name))}`,
        why: 'Until they have caught up, the loss of one more broker can stop these topics.',
        mend: 'See that every broker runs, and has room on its disk.',
      }),
  ]);
}

function judgeTimestamps(topics: readonly TopicFacts[]): readonly Finding[] {
  const wrong = topics.filter(({ settings }) => settings['message.timestamp.type'] !== 'LogAppendTime');
  return judged('kafka.timestamps', 'the broker stamps every record (LogAppendTime)', [
    wrong.length > 0 &&
      fail('kafka.timestamps', {
        what: `message.timestamp.type is not LogAppendTime: ${some(wrong.map(({ name }) => name))}`,
        why: "Every time that the registry tells would be that of a sender's clock; a wrong one makes a wrong history.",
        mend: 'kafka-configs --alter --entity-type topics --entity-name TOPIC --add-config message.timestamp.type=LogAppendTime; the registry does it at its start, where it may.',
      }),
  ]);
}

const A_DAY_MS = 24 * 3600 * 1000;
const MIN_MESSAGE_BYTES = 1_000_000;

function judgeRetention(topics: readonly TopicFacts[]): readonly Finding[] {
  // A topic of snapshots is compacted on purpose.
  const compacted = topics.filter(
    ({ name, settings }) => settings['cleanup.policy']?.includes('compact') === true && !name.includes('.snapshot.'),
  );
  const short = topics.filter(({ settings }) => {
    const ms = Number(settings['retention.ms'] ?? -1);
    return ms >= 0 && ms < A_DAY_MS;
  });
  const narrow = topics.filter(({ settings }) => Number(settings['max.message.bytes'] ?? Infinity) < MIN_MESSAGE_BYTES);
  return judged('kafka.retention', 'what is not read yet is kept for a day at least', [
    compacted.length > 0 &&
      fail('kafka.retention', {
        what: `cleanup.policy is compact: ${some(compacted.map(({ name }) => name))}`,
        why: 'Kafka deletes all messages of a node but the last, also those that nobody has read yet.',
        mend: 'Set cleanup.policy=delete on these topics (kafka-configs --alter).',
      }),
    short.length > 0 &&
      warn('kafka.retention', {
        what: `retention.ms is below a day: ${some(short.map(({ name }) => name))}`,
        why: 'What a registry, or a backend, that is down for longer has not read is gone.',
        mend: 'Set retention.ms to 604800000 (7 days), or as long as an outage may last.',
      }),
    narrow.length > 0 &&
      fail('kafka.retention', {
        what: `max.message.bytes is below ${MIN_MESSAGE_BYTES}: ${some(narrow.map(({ name }) => name))}`,
        why: 'The registry publishes in batches of up to 900,000 bytes, which Kafka would refuse again and again.',
        mend: 'Set max.message.bytes=2097152 on these topics.',
      }),
  ]);
}
