import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  ACTIVITY_TOPICS,
  SNAPSHOT_TOPIC,
  TOPICS,
  TOPIC_SUFFIXES,
  topicSettings,
  type Party,
  type TopicSuffix,
} from '../../src/messages/index.js';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../src/reducer/reducer.module.js';
import { catalogPrivileges, registryPrivileges } from '../../src/registry-effect/index.js';
import { loadContract, statePrivileges } from '../../src/runtime/index.js';
import { busPrivileges } from '../../src/runtime/embedded/open-bus.js';
import { CHANGE_TOPICS } from '../../src/runtime/snapshots/snapshot-lane.js';
import { aclLines, ops, topicList } from './files.js';

const ROOT = new URL('../..', import.meta.url).pathname;

const contracts = {
  orchestrator: orchestratorComponent().contract,
  reducer: reducerComponent().contract,
  effect: loadContract(new URL('../../src/registry-effect/contract.yaml', import.meta.url)),
};
type Contract = (typeof contracts)[keyof typeof contracts];

const consumed = ({ consumes }: Contract, group: string) =>
  consumes.filter((entry) => entry.group === group).map(({ topic }) => topic);
const published = ({ publishes }: Contract) => publishes.map(({ topic }) => topic);
const producedBy = (party: Party): TopicSuffix[] =>
  TOPIC_SUFFIXES.filter((topic) => (TOPICS[topic].producers as readonly Party[]).includes(party));

const DRIFT = 'evt.registry-drift-detected.v1';
const markersAndCalls = producedBy('runtime').filter((topic) => topic !== DRIFT && topic !== SNAPSHOT_TOPIC);

/** What follows for each role from the contracts and the table of topics. */
const EXPECTED: Readonly<Record<string, { readonly read: readonly string[]; readonly write: readonly string[] }>> = {
  orchestrator: {
    read: consumed(contracts.orchestrator, 'orchestrator'),
    write: [...published(contracts.orchestrator), ...markersAndCalls],
  },
  heartbeats: {
    read: consumed(contracts.orchestrator, 'heartbeats'),
    write: [...published(contracts.orchestrator), 'dlq.v1'],
  },
  reducer: { read: consumed(contracts.reducer, 'reducer'), write: [...published(contracts.reducer), 'dlq.v1'] },
  consul: { read: consumed(contracts.effect, 'consul'), write: [...published(contracts.effect), DRIFT, 'dlq.v1'] },
  postgres: { read: consumed(contracts.effect, 'postgres'), write: [...published(contracts.effect), DRIFT, 'dlq.v1'] },
  snapshots: { read: [...CHANGE_TOPICS, SNAPSHOT_TOPIC], write: [SNAPSHOT_TOPIC, 'dlq.v1'] },
  node: { read: ACTIVITY_TOPICS, write: producedBy('node') },
};

const lines = aclLines({ TOPIC_PREFIX: 'T', KAFKA_GROUP_PREFIX: 'G', NODE_GROUP_PREFIX: 'N-' });
const of = (role: string, kind: 'topic' | 'group') => lines.filter((line) => line.role === role && line.kind === kind);

describe('ops/kafka/acls.txt', () => {
  it.each(Object.keys(EXPECTED))('lets %s read and write what its contract says, and nothing else', (role) => {
    const { read, write } = EXPECTED[role]!;
    const full = (topics: readonly string[]) => [...new Set(topics)].map((topic) => `T.${topic}`).sort();
    const that = (operation: string) =>
      of(role, 'topic')
        .filter(({ operations, pattern }) => pattern === 'literal' && operations.includes(operation))
        .map(({ name }) => name)
        .sort();
    expect(that('Read')).toEqual(full(read));
    expect(that('Write')).toEqual(full(write));
    expect(of(role, 'topic').every(({ pattern }) => pattern === 'literal')).toBe(true);
  });

  it('gives each role the group of its name', () => {
    for (const role of ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres', 'snapshots']) {
      expect(of(role, 'group').filter(({ operations }) => operations.includes('Read'))).toEqual([
        expect.objectContaining({ name: `G.${role}`, pattern: 'literal' }),
      ]);
    }
  });

  it('names topics that exist', () => {
    const known = TOPIC_SUFFIXES.map((topic) => `T.${topic}`);
    const named = lines.filter(({ kind, pattern }) => kind === 'topic' && pattern === 'literal');
    expect(named.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('lets only `create` make or change anything, and nobody delete', () => {
    const strong = lines.filter(({ operations }) =>
      operations.some((one) => /Create|Alter|Delete|All|Cluster/.test(one)),
    );
    expect(strong.map(({ role, operations }) => [role, operations])).toEqual([['create', ['Create', 'AlterConfigs']]]);
  });

  it('is what acls.sh grants', () => {
    const script = join(ROOT, 'ops/kafka/acls.sh');
    const env = { ...process.env, DRY_RUN: '1', BOOTSTRAP: 'k:1', TOPIC_PREFIX: 'T', KAFKA_GROUP_PREFIX: 'G' };
    const said = execFileSync('bash', [script, 'User:x', 'all', 'consul'], { env, encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(said).toHaveLength(of('all', 'topic').length + of('consul', 'topic').length + of('consul', 'group').length);
    expect(said).toContain(
      'kafka-acls.sh --bootstrap-server k:1 --add --allow-principal User:x --operation Read --topic T.intent.consul.v1 --resource-pattern-type literal',
    );
  });
});

it('ops/kafka/topics.txt lists the topics with their settings', () => {
  const listed = topicList();
  expect([...listed.keys()].sort()).toEqual([...TOPIC_SUFFIXES].sort());
  for (const topic of TOPIC_SUFFIXES)
    expect([topic, listed.get(topic)]).toEqual([topic, expect.objectContaining(topicSettings(topic))]);
});

describe('ops/postgres/grants.sql', () => {
  const granted = Object.fromEntries(
    [...ops('postgres/grants.sql').matchAll(/^ +\('(\w+)', '([a-z, ]+)'\)/gm)].map(
      ([, table = '', privileges = '']) => [table, privileges.toUpperCase().split(', ')],
    ),
  );

  it('grants what the program asks whether it has, and the lists of migrations', () => {
    const migrations = ['state', 'registry', 'bus', 'catalog'].map((name) => [
      `rollcall_${name}_migrations`,
      ['SELECT'],
    ]);
    expect(granted).toEqual({
      ...statePrivileges,
      ...registryPrivileges,
      ...busPrivileges,
      ...catalogPrivileges,
      ...Object.fromEntries(migrations),
    });
  });

  it('knows every table that the migrations make', () => {
    const folders = ['runtime/journal', 'runtime/embedded', 'registry-effect/postgres', 'registry-effect/embedded'];
    const made = folders.flatMap((folder) => {
      const path = join(ROOT, 'src', folder, 'migrations');
      return readdirSync(path).flatMap((name) =>
        [...readFileSync(join(path, name), 'utf8').matchAll(/create table (?:if not exists )?(\w+)/gi)].map(
          ([, table = '']) => table,
        ),
      );
    });
    expect(made.length).toBeGreaterThan(10);
    expect(made.filter((table) => granted[table] === undefined)).toEqual([]);
  });
});

it('ops/consul/policy.hcl covers the names that we write, and no others', () => {
  const rules = [...ops('consul/policy.hcl').matchAll(/^(\w+) "([^"]*)" \{\n {2}policy = "(\w+)"\n\}$/gm)];
  expect(rules.map(([, kind, prefix, policy]) => [kind, prefix, policy])).toEqual([
    ['node_prefix', 'rollcall-', 'write'],
    ['service_prefix', 'onex-', 'write'],
  ]);
});
