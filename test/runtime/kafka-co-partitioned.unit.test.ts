import { expect, it } from '@jest/globals';
import kafkajs, { type Assigner, type Cluster } from 'kafkajs';
import { pino } from 'pino';
import { coPartitioned } from '../../src/runtime/kafka/co-partitioned.js';

const { MemberAssignment } = kafkajs.AssignerProtocol;
const TOPICS: Record<string, number> = { acks: 6, intents: 6, results: 6, dlq: 2 };
const cluster = {
  findTopicPartitionMetadata: (topic: string) =>
    Array.from({ length: TOPICS[topic] ?? 0 }, (_, id) => ({ partitionId: (id + 3) % (TOPICS[topic] ?? 1) })),
} as unknown as Cluster;

const assignerOf = (instance: string): Assigner =>
  coPartitioned(instance)({ cluster, groupId: 'g', logger: pino({ level: 'silent' }) as never });

type Member = { readonly id: string; readonly instance: string; readonly topics: readonly string[] };

/** Topic -> partition -> member id, as the first member decides. */
async function assign(members: readonly Member[], topics = members[0]?.topics ?? []) {
  const joined = members.map(({ id, instance, topics: its }) => ({
    memberId: id,
    memberMetadata: assignerOf(instance).protocol({ topics: [...its] }).metadata,
  }));
  const assignments = await assignerOf(members[0]?.instance ?? '').assign({ members: joined, topics: [...topics] });
  const owners: Record<string, string[]> = {};
  for (const { memberId, memberAssignment } of assignments) {
    for (const [topic, partitions] of Object.entries(MemberAssignment.decode(memberAssignment)?.assignment ?? {})) {
      for (const partition of partitions) (owners[topic] ??= [])[partition] = memberId;
    }
  }
  return owners;
}

const processes = ['p1', 'p2', 'p3', 'p4'];
const group = (name: string, topics: readonly string[], order = processes) =>
  order.map((instance, index) => ({ id: `${name}-${index}-${instance}`, instance, topics }));
const instances = (owners: readonly string[] | undefined) => owners?.map((id) => id.slice(-2));

it('gives a process the same partitions of every topic, in every group, whatever the members are called', async () => {
  const reducer = await assign(group('reducer', ['results', 'intents']));
  const orchestrator = await assign(group('orchestrator', ['acks'], [...processes].reverse()));
  expect(instances(reducer['results'])).toEqual(instances(reducer['intents']));
  expect(instances(orchestrator['acks'])).toEqual(instances(reducer['results']));
  expect(new Set(instances(reducer['results']))).toEqual(new Set(processes));
});

it('assigns every partition once, of topics with fewer partitions too', async () => {
  const owners = await assign(group('g', ['acks', 'dlq']));
  expect([owners['acks']?.length, owners['dlq']?.length]).toEqual([6, 2]);
  expect(Object.values(owners).flat()).not.toContain(undefined);
});

it('takes two members of one process, an old one and a new one, for two', async () => {
  const owners = await assign([
    { id: 'dead', instance: 'p1', topics: ['acks'] },
    { id: 'alive', instance: 'p1', topics: ['acks'] },
  ]);
  expect(owners['acks']?.filter((id) => id === 'dead')).toHaveLength(3);
});

it('gives a topic only to who has subscribed to it', async () => {
  const owners = await assign([
    { id: 'new', instance: 'p1', topics: ['acks', 'intents'] },
    { id: 'old', instance: 'p2', topics: ['acks'] },
  ]);
  expect(owners['intents']).toEqual(Array(6).fill('new'));
  expect(new Set(owners['acks'])).toEqual(new Set(['new', 'old']));
});

it('lets members without a partition be, when there are more of them than partitions', async () => {
  const many = Array.from({ length: 9 }, (_, index) => ({ id: `m${index}`, instance: `p${index}`, topics: ['acks'] }));
  expect(new Set((await assign(many))['acks']).size).toBe(6);
});
