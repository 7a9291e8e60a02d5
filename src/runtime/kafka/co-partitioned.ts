import kafkajs, { type Assigner, type Cluster, type PartitionAssigner } from 'kafkajs';
import { spread } from './spread.js';

const { AssignerProtocol } = kafkajs;
const { MemberMetadata, MemberAssignment } = AssignerProtocol;
const VERSION = 0;

/**
 * Gives a process the same partition numbers of every topic in every group that it takes part in, so that what it publishes for a node is
 * mostly read by itself. Who gets what follows from the names of the processes alone: groups agree without talking to each other, as long
 * as the same processes are in them.
 *
 * @param instance names this process; the same for all its groups, and nobody else's.
 */
export function coPartitioned(instance: string): PartitionAssigner {
  return ({ cluster }: { readonly cluster: Cluster }): Assigner => ({
    name: 'CoPartitionedAssigner',
    version: VERSION,
    protocol: ({ topics }) => ({
      name: 'CoPartitionedAssigner',
      metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(instance) }),
    }),
    assign: ({ members, topics }) => {
      const subscribed = members.map(({ memberId, memberMetadata }) => memberOf(memberId, memberMetadata));
      const assignments = new Map<string, Record<string, number[]>>(members.map(({ memberId }) => [memberId, {}]));
      const names = namesOf(subscribed);
      for (const topic of topics) {
        const readers = subscribed.filter((member) => member.topics.includes(topic));
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        const owners = spread(
          partitions.length,
          readers.map(({ memberId }) => names.get(memberId) ?? memberId),
        );
        for (const [index, partition] of partitions.sort((a, b) => a - b).entries()) {
          const reader = readers[owners[index] ?? -1];
          const assignment = reader && assignments.get(reader.memberId);
          if (assignment !== undefined) (assignment[topic] ??= []).push(partition);
        }
      }
      return Promise.resolve(
        [...assignments].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
        })),
      );
    },
  });
}

type Subscribed = { readonly memberId: string; readonly topics: readonly string[]; readonly instance: string };

function memberOf(memberId: string, metadata: Buffer): Subscribed {
  const decoded = MemberMetadata.decode(metadata);
  return { memberId, topics: decoded?.topics ?? [], instance: decoded?.userData.toString() ?? '' };
}

/** By member id. A process may be there twice for a while, as a member that has died and the one in its place. */
function namesOf(members: readonly Subscribed[]): ReadonlyMap<string, string> {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { memberId, instance } of [...members].sort(byMemberId)) {
    const before = seen.get(instance) ?? 0;
    seen.set(instance, before + 1);
    names.set(memberId, before === 0 ? instance : `${instance}#${before}`);
  }
  return names;
}

function byMemberId(a: Subscribed, b: Subscribed): number {
  return a.memberId < b.memberId ? -1 : 1;
}
