import type { Config } from '../../config.js';
import type { KafkaFacts } from '../../runtime/index.js';
import { fail, judged, some, warn, type Finding } from './finding.js';
import { judgeTopics } from './judge-topics.js';

type Settings = Config['kafka'];

/** Kafka's topics and groups, as far as a registry rests on them. Decides alone. */
export function judgeKafka(facts: KafkaFacts, settings: Settings): readonly Finding[] {
  return [...judgePrefix(facts, settings), ...judgeTopics(facts, settings), ...judgeGroups(facts, settings)];
}

function judgePrefix(
  { topics, missing, otherTopicPrefixes }: KafkaFacts,
  { topicPrefix }: Settings,
): readonly Finding[] {
  const isOther = topics.length === 0 && otherTopicPrefixes.length > 0;
  const count = topics.length + missing.length;
  return judged('kafka.topics', `all ${count} topics of ${topicPrefix} are there`, [
    isOther &&
      fail('kafka.topics', {
        what: `no topic begins with ${topicPrefix}, and there are those of ${some(otherTopicPrefixes)}`,
        why: 'A registry with another prefix hears nothing of the nodes that speak to the first, and they nothing of it.',
        mend: `Set TOPIC_PREFIX to the one of your nodes (${some(otherTopicPrefixes)}?). For a new registry all is well.`,
      }),
    !isOther &&
      missing.length > 0 &&
      warn('kafka.topics', {
        what: `${missing.length} of ${count} topics are missing: ${some(missing)}`,
        why: 'The registry makes them when it starts, if it may; until then nodes that send to them are refused.',
        mend: 'Start the registry once with the right to create topics, or create them by hand with LogAppendTime.',
      }),
  ]);
}

const MUCH_LAG = 10_000;

function judgeGroups(
  { groups, otherGroupPrefixes, topics }: KafkaFacts,
  { groupPrefix }: Settings,
): readonly Finding[] {
  const known = groups.filter(({ state }) => state !== 'Dead');
  const isOther = known.length === 0 && topics.length > 0 && otherGroupPrefixes.length > 0;
  const idle = known.filter(({ members }) => members === 0);
  const behind = groups.filter(({ lag }) => lag > MUCH_LAG);
  const total = groups.reduce((sum, { lag }) => sum + lag, 0);
  return judged('kafka.groups', `${known.length} of ${groups.length} groups are known, ${total} records wait`, [
    isOther &&
      warn('kafka.groups', {
        what: `no group begins with ${groupPrefix}, and there are those of ${some(otherGroupPrefixes)}`,
        why: 'A registry with other groups reads every topic from its beginning, and decides beside the first one.',
        mend: `Set KAFKA_GROUP_PREFIX to that of its replicas (${some(otherGroupPrefixes)}?). For a new registry all is well.`,
      }),
    idle.length > 0 &&
      warn('kafka.groups', {
        what: `nobody reads for ${some(idle.map(({ id, lag }) => `${id} (${lag} wait)`))}`,
        why: 'What these groups read waits until a process with their role runs.',
        mend: 'Start the registry; where ROLES splits it, see that each role runs somewhere.',
      }),
    behind.length > 0 &&
      warn('kafka.groups', {
        what: `far behind: ${some(behind.map(({ id, lag }) => `${id} (${lag} records)`))}`,
        why: 'Nodes wait that long for their answers, and what they say is heard so much later.',
        mend: 'Look at /health for a backend that is away; if there is none, add replicas (docs/sizing.md).',
      }),
  ]);
}
