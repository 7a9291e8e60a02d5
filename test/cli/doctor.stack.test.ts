import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import kafkajs, { type Admin } from 'kafkajs';
import pg from 'pg';
import { build, Rollcall } from '../e2e/rollcall.js';
import { addressOf, createDatabase, describeStack, uniqueName, until, type TestDatabase } from '../support/stack.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { run } from './fake-terminal.js';

type Report = { readonly code: number; readonly findings: readonly Finding[] };

async function doctor(env: Readonly<Record<string, string>>, url = 'http://127.0.0.1:1'): Promise<Report> {
  const { code, out, err } = await run(['doctor', '--json', '--url', url], { env });
  expect(err).toBe('');
  return { code, findings: (JSON.parse(out) as { findings: readonly Finding[] }).findings };
}

function troubles({ findings }: Report): readonly string[] {
  return findings.flatMap(({ status, check, what }) =>
    status === 'warn' || status === 'fail' ? [`${status} ${check}: ${what}`] : [],
  );
}

/** Says that it was found, and that it says why it matters, and what to do. */
function expectTrouble(report: Report, trouble: RegExp, mend: RegExp): void {
  expect(troubles(report)).toEqual(expect.arrayContaining([expect.stringMatching(trouble)]));
  const found = report.findings.find(({ status, check, what }) => trouble.test(`${status} ${check}: ${what}`));
  expect(found).toMatchObject({ why: expect.stringMatching(/\w{3}/), mend: expect.stringMatching(mend) });
}

describeStack('the doctor', ['kafka', 'consul', 'postgres'], () => {
  const prefix = uniqueName('doctor');
  let databases: readonly TestDatabase[] = [];
  let admin: Admin;
  let env: Readonly<Record<string, string>>;
  jest.setTimeout(120_000);

  async function freshDatabase(...statements: readonly string[]): Promise<string> {
    const database = await createDatabase();
    databases = [...databases, database];
    const name = new URL(database.url).pathname.slice(1);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement.replaceAll('$database', name));
    } finally {
      await client.end();
    }
    return database.url;
  }

  beforeAll(async () => {
    admin = new kafkajs.Kafka({ brokers: addressOf('kafka').split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    env = {
      KAFKA_BROKERS: addressOf('kafka'),
      CONSUL_HTTP_ADDR: addressOf('consul'),
      DATABASE_URL: await freshDatabase(),
      TOPIC_PREFIX: prefix,
      KAFKA_GROUP_PREFIX: prefix,
      REGISTRY_ID: prefix,
      TOPIC_PARTITIONS: '2',
    };
  });
  afterAll(async () => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await admin.disconnect();
    for (const database of databases) await database.drop();
  });

  describe('beside a registry that runs', () => {
    let rollcall: Rollcall;

    beforeAll(async () => {
      await build();
      rollcall = await Rollcall.start(env);
      // Its groups have committed something, so that they are known when it has left.
      expect(await run(['register', 'a', '--type', 'effect', '--url', rollcall.url])).toMatchObject({ code: 0 });
    });
    afterAll(() => rollcall.stop());

    it('has nothing against it', async () => {
      const report = await doctor(env, rollcall.url);
      expect(troubles(report).filter((trouble) => trouble.startsWith('fail'))).toEqual([]);
      expect(report.code).toBe(0);
      const checks = report.findings.filter(({ status }) => status === 'ok').map(({ check }) => check);
      expect(checks).toEqual(
        expect.arrayContaining([
          'kafka.topics',
          'kafka.partitions',
          'kafka.timestamps',
          'kafka.groups',
          'consul.leader',
          'consul.acl',
          'postgres.state.migrations',
          'postgres.registry.migrations',
          'clocks',
          'registry.health',
          'registry.same-servers',
          'registry.version',
        ]),
      );
    });

    it('finds a TOPIC_PREFIX that is not that of the nodes', async () => {
      const report = await doctor({ ...env, TOPIC_PREFIX: uniqueName('other') });
      expectTrouble(report, /^fail kafka.topics: no topic begins with other-/, /Set TOPIC_PREFIX/);
      expect(report.code).toBe(1);
    });

    it('finds a KAFKA_GROUP_PREFIX that is not that of the replicas', async () => {
      const report = await doctor({ ...env, KAFKA_GROUP_PREFIX: uniqueName('other') });
      expectTrouble(report, /^warn kafka.groups: no group begins with other-/, /Set KAFKA_GROUP_PREFIX/);
    });

    it('finds the environment of another registry', async () => {
      const { KAFKA_BROKERS: _brokers, ...without } = env;
      const report = await doctor(without, rollcall.url);
      expectTrouble(report, /^warn registry.same-servers: .* uses a real kafka/, /environment of the registry/);
    });

    it('finds that nobody reads once it has stopped', async () => {
      await rollcall.stop();
      const report = await until(
        async () => {
          const seen = await doctor(env);
          return troubles(seen).some((trouble) => trouble.startsWith('warn kafka.groups')) && seen;
        },
        { everyMs: 500, what: 'the groups to be empty' },
      );
      expectTrouble(report, /^warn kafka.groups: nobody reads for/, /Start the registry/);
    });
  });

  describe('finds topics that are not as they have to be', () => {
    const planted = uniqueName(`${prefix}-planted`);
    let report: Report;

    beforeAll(async () => {
      const topic = (
        suffix: string,
        change: { partitions?: number; configs?: Readonly<Record<string, string>> } = {},
      ) => ({
        topic: `${planted}.${suffix}`,
        numPartitions: change.partitions ?? 2,
        configEntries: Object.entries({ 'message.timestamp.type': 'LogAppendTime', ...change.configs }).map(
          ([name, value]) => ({ name, value }),
        ),
      });
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          topic('evt.node-became-active.v1'),
          topic('evt.node-deregistered.v1'),
          topic('evt.node-introspection.v1', { configs: { 'message.timestamp.type': 'CreateTime' } }),
          topic('evt.node-heartbeat.v1', { partitions: 3 }),
          topic('evt.registration-progress.v1', { configs: { 'cleanup.policy': 'compact' } }),
          topic('cmd.register-node.v1', { configs: { 'min.insync.replicas': '2' } }),
          topic('intent.consul.v1', { configs: { 'retention.ms': '60000' } }),
        ],
      });
      report = await doctor({ ...env, TOPIC_PREFIX: planted });
    });

    it.each<[string, RegExp, RegExp]>([
      ['CreateTime', /^fail kafka.timestamps: .*node-introspection/, /message.timestamp.type=LogAppendTime/],
      ['another number of partitions', /^fail kafka.partitions: .*node-heartbeat.v1 has 3/, /kafka-topics --alter/],
      [
        'compaction',
        /^fail kafka.retention: cleanup.policy is compact: .*registration-progress/,
        /cleanup.policy=delete/,
      ],
      [
        'more replicas in sync than there are',
        /^fail kafka.replication: min.insync.replicas .*register-node/,
        /lower min.insync/,
      ],
      ['short retention', /^warn kafka.retention: retention.ms .*intent.consul/, /604800000/],
      ['missing topics', /^warn kafka.topics: \d+ of \d+ topics are missing/, /right to create topics/],
    ])('%s', (_name, trouble, mend) => {
      expectTrouble(report, trouble, mend);
    });

    it('and clocks that are ahead, by what was stamped', async () => {
      const producer = new kafkajs.Kafka({
        brokers: addressOf('kafka').split(','),
        logLevel: kafkajs.logLevel.NOTHING,
      }).producer();
      await producer.connect();
      const timestamp = String(Date.now() + 1_800_000);
      // The topic with CreateTime takes any stamp: like that of a broker whose clock is half an hour ahead.
      await producer.send({
        topic: `${planted}.evt.node-introspection.v1`,
        messages: [{ key: 'a', value: '{}', timestamp }],
      });
      await producer.disconnect();
      const seen = await doctor({ ...env, TOPIC_PREFIX: planted });
      expectTrouble(seen, /^fail clocks: the clock of Kafka is at least 600 s ahead/, /time servers/);
    });
  });

  describe('finds a database that is not as it has to be', () => {
    it.each<[string, readonly string[], RegExp, RegExp]>([
      [
        'commits that are not waited for',
        ['ALTER DATABASE $database SET synchronous_commit = off'],
        /^fail postgres.state.durability: synchronous_commit is off/,
        /RESET synchronous_commit/,
      ],
      [
        'a database that takes no writes',
        ['ALTER DATABASE $database SET default_transaction_read_only = on'],
        /^fail postgres.state.server: default_transaction_read_only is on/,
        /RESET default_transaction_read_only/,
      ],
      [
        'few connections',
        ['ALTER DATABASE $database CONNECTION LIMIT 5'],
        /^fail postgres.state.connections: the database may have 5 connections/,
        /CONNECTION LIMIT/,
      ],
      [
        'migrations of a newer release',
        [
          'CREATE TABLE rollcall_state_migrations (id serial, timestamp bigint, name varchar)',
          "INSERT INTO rollcall_state_migrations (timestamp, name) VALUES (1900000000000, 'FromTheFuture1900000000000')",
        ],
        /^fail postgres.state.migrations: .*FromTheFuture/,
        /a newer one; or restore/,
      ],
      [
        'migrations that have not run',
        [],
        /^warn postgres.state.migrations: \d+ migrations have not run/,
        /Start the registry/,
      ],
    ])('%s', async (_name, statements, trouble, mend) => {
      const url = await freshDatabase(...statements);
      expectTrouble(await doctor({ ...env, DATABASE_URL: url }), trouble, mend);
    });

    it('a database that there is not', async () => {
      const url = new URL(addressOf('postgres'));
      url.pathname = `/${uniqueName('none').replaceAll('-', '_')}`;
      const report = await doctor({ ...env, REGISTRY_DATABASE_URL: url.href });
      expectTrouble(report, /^fail postgres.registry: PostgreSQL cannot be used: .*does not exist/, /createdb/);
    });
  });

  it('finds servers that are not where they are said to be', async () => {
    const report = await doctor({
      ...env,
      KAFKA_BROKERS: '127.0.0.1:1',
      CONSUL_HTTP_ADDR: '127.0.0.1:1',
      DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none',
    });
    expectTrouble(report, /^fail kafka: Kafka cannot be used/, /Start Kafka, or set KAFKA_BROKERS|a firewall/);
    expectTrouble(report, /^fail consul: Consul cannot be used: .*ECONNREFUSED/, /CONSUL_HTTP_ADDR/);
    expectTrouble(report, /^fail postgres.state: PostgreSQL cannot be used: .*ECONNREFUSED/, /DATABASE_URL/);
    expect(JSON.stringify(report)).not.toContain('secret-word');
  });
});
