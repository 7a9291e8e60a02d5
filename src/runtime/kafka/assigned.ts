import type { TopicNames, TopicSuffix } from '../../messages/index.js';

/** The partitions that a member of a group has, by topic. */
export type Assigned = ReadonlyMap<TopicSuffix, ReadonlySet<number>>;

export const NOTHING_ASSIGNED: Assigned = new Map();

/** As kafkajs tells it with every join. */
export function assignedBy(names: TopicNames, memberAssignment: Readonly<Record<string, readonly number[]>>): Assigned {
  return new Map(
    Object.entries(memberAssignment).map(([topic, partitions]) => [names.suffix(topic), new Set(partitions)]),
  );
}
