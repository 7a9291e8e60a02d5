import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { judgeClocks } from '../../src/cli/doctor/judge-clocks.js';
import { judgeBinding, judgeConfiguration, judgeProduction } from '../../src/cli/doctor/judge-configuration.js';
import { notReached } from '../../src/cli/doctor/judge-connection.js';
import { judgeConsul } from '../../src/cli/doctor/judge-consul.js';
import { judgeDatabase } from '../../src/cli/doctor/judge-database.js';
import { roomOf } from '../../src/cli/doctor/judge-files.js';
import { judgeKafka } from '../../src/cli/doctor/judge-kafka.js';
import { judgeNodeVersion } from '../../src/cli/doctor/judge-node.js';
import { judgeHealth, judgeSameServers, judgeVersion, type Health } from '../../src/cli/doctor/judge-registry.js';
import { config, consulFacts, databaseFacts, kafkaFacts, topic } from './doctor-facts.js';

const KAFKA = config({ KAFKA_BROKERS: 'a:1' }).kafka;

/** What is wrong, as `status check: what`. */
function troubles(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ status, check, what }) =>
    status === 'warn' || status === 'fail' ? [`${status} ${check}: ${what}`] : [],
  );
}

it('says nothing against servers on which nothing is wrong', () => {
  expect(judgeKafka(kafkaFacts(), KAFKA).map(({ status }) => status)).toEqual(Array(6).fill('ok'));
  expect(judgeDatabase('state', databaseFacts()).map(({ status }) => status)).toEqual(Array(4).fill('ok'));
  expect(judgeConsul(consulFacts(), true).map(({ status }) => status)).toEqual(['ok', 'ok']);
  expect(judgeConsul(consulFacts({ acl: 'off', rights: [] }), false).map(({ status }) => status)).toEqual(['ok', 'ok']);
});

/** All topics are as they should be, but the first. */
function withOne(change: object) {
  const [first, ...rest] = kafkaFacts().topics;
  return kafkaFacts({ topics: [topic(first!.name, change), ...rest] });
}

function settings(change: Readonly<Record<string, string>>) {
  return { settings: { ...topic('x').settings, ...change } };
}

function partitions(count: number, change: object = {}) {
  const one = { leader: 1, replicas: 3, inSync: 3, ...change };
  return { partitions: Array.from({ length: count }, (_, partition) => ({ partition, ...one })) };
}

describe.each<[string, readonly Finding[], RegExp]>([
  [
    'no topic is there, but another registry’s',
    judgeKafka(kafkaFacts({ topics: [], missing: ['x'], otherTopicPrefixes: ['prod.onex'] }), KAFKA),
    /fail kafka.topics: no topic begins with dev.onex.*prod.onex/,
  ],
  [
    'no topic is there',
    judgeKafka(kafkaFacts({ topics: [], missing: ['x'] }), KAFKA),
    /warn kafka.topics: 1 of 1 topics are missing: x/,
  ],
  [
    'one topic is missing',
    judgeKafka(kafkaFacts({ missing: ['x'], otherTopicPrefixes: ['prod.onex'] }), KAFKA),
    /warn kafka.topics: 1 of \d+ topics are missing: x/,
  ],
  [
    'a topic has other partitions',
    judgeKafka(withOne(partitions(3)), KAFKA),
    /fail kafka.partitions: .*6 partitions each, but dev.onex.\S+ has 3/,
  ],
  [
    'all have others than are set',
    judgeKafka(kafkaFacts(), { ...KAFKA, partitions: 12 }),
    /warn kafka.partitions: TOPIC_PARTITIONS is 12, and the topics have 6/,
  ],
  [
    'a partition has no leader',
    judgeKafka(withOne(partitions(6, { leader: -1 })), KAFKA),
    /fail kafka.partitions: partitions without a leader/,
  ],
  [
    'too few replicas to write',
    judgeKafka({ ...withOne(partitions(6, { replicas: 1, inSync: 1 })), brokers: 1 }, KAFKA),
    /fail kafka.replication: min.insync.replicas is above/,
  ],
  [
    'one replica among three brokers',
    judgeKafka(
      withOne({ ...partitions(6, { replicas: 1, inSync: 1 }), ...settings({ 'min.insync.replicas': '1' }) }),
      KAFKA,
    ),
    /warn kafka.replication: one replica, though there are 3 brokers/,
  ],
  [
    'a replica is behind',
    judgeKafka(withOne(partitions(6, { inSync: 2 })), KAFKA),
    /warn kafka.replication: replicas are behind/,
  ],
  [
    'the senders stamp',
    judgeKafka(withOne(settings({ 'message.timestamp.type': 'CreateTime' })), KAFKA),
    /fail kafka.timestamps: .*not LogAppendTime/,
  ],
  [
    'a topic is compacted',
    judgeKafka(withOne(settings({ 'cleanup.policy': 'compact,delete' })), KAFKA),
    /fail kafka.retention: cleanup.policy is compact/,
  ],
  [
    'a topic forgets within the hour',
    judgeKafka(withOne(settings({ 'retention.ms': '3600000' })), KAFKA),
    /warn kafka.retention: retention.ms is below a day/,
  ],
  [
    'a topic takes small batches only',
    judgeKafka(withOne(settings({ 'max.message.bytes': '65536' })), KAFKA),
    /fail kafka.retention: max.message.bytes is below/,
  ],
  [
    'the groups are another’s',
    judgeKafka(
      kafkaFacts({
        groups: [{ id: 'g.orchestrator', state: 'Dead', members: 0, lag: 0 }],
        otherGroupPrefixes: ['other'],
      }),
      KAFKA,
    ),
    /warn kafka.groups: no group begins with bridge-registry-group.*other/,
  ],
  [
    'nobody reads',
    judgeKafka(kafkaFacts({ groups: [{ id: 'g.reducer', state: 'Empty', members: 0, lag: 7 }] }), KAFKA),
    /warn kafka.groups: nobody reads for g.reducer \(7 wait\)/,
  ],
  [
    'a group is far behind',
    judgeKafka(kafkaFacts({ groups: [{ id: 'g.reducer', state: 'Stable', members: 1, lag: 10_001 }] }), KAFKA),
    /warn kafka.groups: far behind: g.reducer \(10001 records\)/,
  ],

  [
    'an old PostgreSQL',
    judgeDatabase('state', databaseFacts({ version: 130_009 })),
    /fail postgres.state.server: the server is PostgreSQL 13/,
  ],
  [
    'a standby',
    judgeDatabase('registry', databaseFacts({ isStandby: true })),
    /fail postgres.registry.server: the server is a standby/,
  ],
  [
    'a database that is read only',
    judgeDatabase('state', databaseFacts({ settings: { default_transaction_read_only: 'on' } })),
    /fail postgres.state.server: default_transaction_read_only is on/,
  ],
  [
    'another encoding',
    judgeDatabase('state', databaseFacts({ encoding: 'SQL_ASCII' })),
    /fail postgres.state.server: the encoding/,
  ],
  [
    'fsync is off',
    judgeDatabase('state', databaseFacts({ settings: { fsync: 'off' } })),
    /fail postgres.state.durability: fsync is off/,
  ],
  [
    'commits are not waited for',
    judgeDatabase('state', databaseFacts({ settings: { synchronous_commit: 'off' } })),
    /fail postgres.state.durability: synchronous_commit is off/,
  ],
  [
    'the user may have few connections',
    judgeDatabase('state', databaseFacts({ connectionLimits: { server: 97, database: -1, user: 3 } })),
    /fail postgres.state.connections: the user may have 3/,
  ],
  [
    'few connections are free',
    judgeDatabase('state', databaseFacts({ connectionsNow: 90 })),
    /warn postgres.state.connections: 7 of 97/,
  ],
  [
    'a newer release was here',
    judgeDatabase('state', databaseFacts({ migrations: { applied: ['A1', 'Z9'], missing: [], unknown: ['Z9'] } })),
    /fail postgres.state.migrations: .*does not know: Z9/,
  ],
  [
    'migrations are missing',
    judgeDatabase('state', databaseFacts({ migrations: { applied: [], missing: ['A1'], unknown: [] } })),
    /warn postgres.state.migrations: 1 migrations have not run: A1/,
  ],
  [
    'migrations are missing, and may not run',
    judgeDatabase(
      'state',
      databaseFacts({ mayCreate: false, migrations: { applied: [], missing: ['A1'], unknown: [] } }),
    ),
    /fail postgres.state.migrations: .*may not make tables/,
  ],

  ['Consul has no leader', judgeConsul(consulFacts({ leader: '' }), true), /fail consul.leader: Consul has no leader/],
  [
    'Consul does not know the token',
    judgeConsul(consulFacts({ acl: 'unknown_token', rights: [] }), true),
    /fail consul.acl: Consul does not know the token/,
  ],
  [
    'the token may not write',
    judgeConsul(
      consulFacts({ rights: [{ resource: 'service', name: 'onex-effect', access: 'write', isAllowed: false }] }),
      true,
    ),
    /fail consul.acl: the token may not: service:write on onex-effect/,
  ],
  [
    'a token that protects nothing',
    judgeConsul(consulFacts({ acl: 'off', rights: [] }), true),
    /warn consul.acl: .*switched off/,
  ],

  [
    'a clock is off',
    judgeClocks([{ of: 'Consul', aheadMs: -5000 }]),
    /warn clocks: the clock of Consul is 5.0 s behind/,
  ],
  [
    'a clock is far off',
    judgeClocks([{ of: 'Kafka', aheadMs: 600_000, atLeast: true }]),
    /fail clocks: the clock of Kafka is at least 600 s ahead/,
  ],

  ['an old Node', judgeNodeVersion('18.20.4'), /fail node.version: this is Node 18.20.4/],
  ['a Node that is a little too old', judgeNodeVersion('20.18.3'), /fail node.version/],
  ['hardly any room', [roomOf('/data', 100 * 1024 ** 2)], /fail files.room: only 100 MiB/],
  ['little room', [roomOf('/data', 1024 ** 3)], /warn files.room: only 1024 MiB/],

  [
    'a mistake in a variable',
    judgeConfiguration({ HEARTBEAT_INTERVAL_MS: '40000' }).findings,
    /fail configuration: HEARTBEAT_INTERVAL_MS="40000" has to be below/,
  ],
  [
    'a misspelt variable',
    judgeConfiguration({ TOPIC_PREFX: 'x' }).findings,
    /warn configuration.misspelt: TOPIC_PREFX is set: was TOPIC_PREFIX meant/,
  ],
  [
    'open to everybody',
    judgeBinding({ http: { host: '0.0.0.0' } }, {}),
    /fail http.binding: HOST=0.0.0.0 lets other machines/,
  ],
  [
    'open to everybody on purpose',
    judgeBinding({ http: { host: '::' } }, { ALLOW_UNAUTHENTICATED: 'true' }),
    /warn http.binding/,
  ],
  [
    'embedded in production',
    judgeProduction(config({ NODE_ENV: 'production', KAFKA_BROKERS: 'a:1' })),
    /warn configuration.production: .*DATABASE_URL, CONSUL_HTTP_ADDR is not set/,
  ],
])('%s', (_name, findings, trouble) => {
  it('is found, and nothing else; it says why that matters, and what to do', () => {
    expect(troubles(findings)).toEqual([expect.stringMatching(trouble)]);
    for (const finding of findings) {
      if (finding.status !== 'warn' && finding.status !== 'fail') continue;
      expect(finding.why.length).toBeGreaterThan(30);
      expect(finding.mend.length).toBeGreaterThan(15);
    }
  });
});

it.each([
  [judgeNodeVersion('20.19.0')],
  [judgeNodeVersion('24.0.1')],
  [judgeBinding({ http: { host: '127.0.0.1' } }, {})],
  [judgeBinding({ http: { host: '0.0.0.0' } }, { ADMIN_TOKENS: 'x' })],
  [judgeClocks([{ of: 'Consul', aheadMs: -1900 }])],
  [[roomOf('/data', 10 * 1024 ** 3)]],
  [judgeProduction(config({}))],
])('nothing is wrong: %#', (findings) => {
  expect(troubles(findings)).toEqual([]);
});

it('every mistake of the environment is a finding of its own, and no secret is told', () => {
  const { config: none, findings } = judgeConfiguration({
    PORT: 'x',
    ROLES: 'api',
    DATABASE_URL: '',
    CONSUL_HTTP_TOKEN: 'se cret',
  });
  expect(none).toBeNull();
  expect(findings.map(({ what }) => what.split('=')[0])).toEqual(expect.arrayContaining(['PORT', 'CONSUL_HTTP_TOKEN']));
  expect(JSON.stringify(findings)).not.toContain('se cret');
});

describe('a server that cannot be used', () => {
  it.each([
    [
      'Kafka',
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9092'), { code: 'ECONNREFUSED' }),
      'Start Kafka, or set KAFKA_BROKERS',
    ],
    [
      'PostgreSQL',
      Object.assign(new Error('password authentication failed for user "x"'), { code: '28P01' }),
      'Mend user and password',
    ],
    ['PostgreSQL', Object.assign(new Error('database "x" does not exist'), { code: '3D000' }), 'createdb'],
    ['PostgreSQL', new Error('sorry, too many clients already'), 'raise max_connections'],
    ['Consul', new Error('self-signed certificate'), 'encryption'],
    ['Consul', new Error('getaddrinfo ENOTFOUND consul.example'), 'The host name has no address'],
    ['Kafka', new Error('no answer within 5000 ms'), 'a firewall'],
    ['Kafka', new Error('This server is not the leader for that topic-partition'), 'start the brokers'],
    ['Kafka', new Error('something new'), 'look into its log'],
  ] as const)('%s: %s', (server, error, mend) => {
    const finding = notReached('x', server, error);
    expect(finding).toMatchObject({ status: 'fail', mend: expect.stringContaining(mend) });
  });
});

describe('the registry that runs', () => {
  const healthy = { status: 'healthy', message: 'connected', details: {} };
  const health = (change: object = {}): Health => ({
    status: 'healthy',
    components: { kafka: healthy, consul: healthy },
    ...change,
  });

  it('is well, or says what is not', () => {
    const ill = { kafka: healthy, consul: { ...healthy, status: 'degraded', message: 'its breaker is open' } };
    expect(troubles(judgeHealth('u', health()))).toEqual([]);
    expect(troubles(judgeHealth('u', health({ status: 'degraded', components: ill })))).toEqual([
      'warn registry.health: the registry at u says that it is degraded: consul: its breaker is open',
    ]);
    expect(troubles(judgeHealth('u', health({ status: 'unhealthy' })))[0]).toMatch(/^fail/);
  });

  it('is another one than the environment is for', () => {
    const embedded = { ...healthy, details: { embedded: true } };
    const there = health({ components: { kafka: embedded, consul: healthy } });
    expect(troubles(judgeSameServers('u', there, config({ CONSUL_HTTP_ADDR: 'a:1' })))).toEqual([]);
    expect(troubles(judgeSameServers('u', there, config({ KAFKA_BROKERS: 'a:1' })))).toEqual([
      expect.stringMatching(
        /KAFKA_BROKERS is set here.*runs with its embedded part; the registry at u uses a real consul/,
      ),
    ]);
  });

  it('is of another release', () => {
    expect(troubles(judgeVersion('u', '0.1.0', '0.1.0'))).toEqual([]);
    expect(troubles(judgeVersion('u', '0.2.0', '0.1.0'))).toEqual([
      'warn registry.version: the registry at u is 0.2.0, and this command 0.1.0',
    ]);
  });
});
