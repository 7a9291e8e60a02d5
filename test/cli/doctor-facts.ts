import { loadConfig, type Config } from '../../src/config.js';
import { TOPIC_SUFFIXES } from '../../src/messages/index.js';
import type { ConsulFacts } from '../../src/registry-effect/index.js';
import type { DatabaseFacts, KafkaFacts, TopicFacts } from '../../src/runtime/index.js';

/** Servers on which nothing is wrong. A test changes what it is about. */
export function config(env: Readonly<Record<string, string>> = {}): Config {
  return loadConfig(env);
}

export function topic(name: string, change: Partial<TopicFacts> = {}): TopicFacts {
  return {
    name,
    partitions: Array.from({ length: 6 }, (_, partition) => ({ partition, leader: 1, replicas: 3, inSync: 3 })),
    settings: {
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': '604800000',
      'cleanup.policy': 'delete',
      'max.message.bytes': '2097152',
      'min.insync.replicas': '2',
    },
    ...change,
  };
}

export function kafkaFacts(change: Partial<KafkaFacts> = {}): KafkaFacts {
  return {
    brokers: 3,
    topics: TOPIC_SUFFIXES.map((suffix) => topic(`dev.onex.${suffix}`)),
    missing: [],
    otherTopicPrefixes: [],
    groups: ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres'].map((group) => ({
      id: `bridge-registry-group.${group}`,
      state: 'Stable',
      members: 1,
      lag: 0,
    })),
    otherGroupPrefixes: [],
    aheadMs: 0,
    ...change,
  };
}

export function databaseFacts(change: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return {
    version: 150_018,
    clockMs: 3,
    settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', default_transaction_read_only: 'off' },
    encoding: 'UTF8',
    isStandby: false,
    connectionLimits: { server: 97, database: -1, user: -1 },
    connectionsNow: 20,
    mayCreate: true,
    migrations: { applied: ['A1', 'B2'], missing: [], unknown: [] },
    ...change,
  };
}

export function consulFacts(change: Partial<ConsulFacts> = {}): ConsulFacts {
  return {
    leader: '10.0.0.1:8300',
    clockMs: 100,
    acl: 'on',
    rights: [
      { resource: 'node', name: 'rollcall-00', access: 'write', isAllowed: true },
      { resource: 'service', name: 'onex-effect', access: 'write', isAllowed: true },
    ],
    ...change,
  };
}
