import type { Admin } from 'kafkajs';
import { progressOf } from './progress.js';

export type GroupFacts = {
  /** Full name. */
  readonly id: string;
  /** As Kafka calls it: Stable, Empty, Dead, …; Dead is one that there is not. */
  readonly state: string;
  readonly members: number;
  /** Records that are not committed yet, in the topics that it has committed in. */
  readonly lag: number;
};

const GROUPS = ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres'] as const;

/** The groups of a registry with this prefix, those that there are not among them. */
export async function groupFacts(admin: Admin, prefix: string, topicPrefix: string): Promise<readonly GroupFacts[]> {
  const { groups } = await admin.describeGroups(GROUPS.map((group) => `${prefix}.${group}`));
  return Promise.all(
    groups.map(async ({ groupId, state, members }) => ({
      id: groupId,
      state,
      members: members.length,
      lag: state === 'Dead' ? 0 : await lagOf(admin, groupId, topicPrefix),
    })),
  );
}

async function lagOf(admin: Admin, groupId: string, topicPrefix: string): Promise<number> {
  const committed = await admin.fetchOffsets({ groupId });
  const topics = committed.map(({ topic }) => topic).filter((topic) => topic.startsWith(`${topicPrefix}.`));
  const progress = await progressOf(admin, groupId, topics);
  return progress.reduce((sum, { end, committed: next }) => sum + Math.max(0, Number(end - next)), 0);
}
