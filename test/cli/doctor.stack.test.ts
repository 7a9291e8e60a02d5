import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import pg from 'pg';
import { build, Rollcall } from '../e2e/rollcall.js';
import { addressOf, createDatabase, describeStack, uniqueName, until, type TestDatabase } from '../support/stack.js';
import { createTopics } from '../support/topics.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { run } from './fake-terminal.js';

type Report = { readonly code: number; readonly findings: readonly Finding[] };
type Environment = Readonly<Record<string, string>>;

/** A test may start a registry, and ask the doctor again and again. */
const TIMEOUT_MS = 400_000;
const PATIENCE_MS = 120_000;
const NOWHERE = 'http://127.0.0.1:1';

async function doctor(env: Environment, url: string): Promise<Report> {
  const { code, out, err } = await run(['doctor', '--json', '--url', url], { env });
  expect(err).toBe('');
  return { code, findings: (JSON.parse(out) as { findings: readonly Finding[] }).findings };
}

/** What it finds once it finds that: a busy server takes longer to answer than it waits, and a group is joined only later. */
async function reportWith(says: (report: Report) => boolean, env: Environment, url = NOWHERE): Promise<Report> {
  return until(
    async () => {
      const report = await doctor(env, url);
      if (!says(report)) throw new Error(`it found ${JSON.stringify(troubles(report))}`);
      return report;
    },
    { timeoutMs: PATIENCE_MS, everyMs: 500, what: 'the doctor to find what it is to find' },
  );
}

/** One that waits for a broker that has other work to do. */
function kafka(): Kafka {
  return new kafkajs.Kafka({
    brokers: addressOf('kafka').split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 15_000,
    requestTimeout: 2 * PATIENCE_MS,
  });
}

function finds(trouble: RegExp): (report: Report) => boolean {
  return (report) => troubles(report).some((found) => trouble.test(found));
}

function reachedAll(report: Report): boolean {
  return !finds(/cannot be used/)(report);
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
  let env: Environment;
  jest.setTimeout(TIMEOUT_MS);

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
    admin = kafka().admin();
    await admin.connect();
    env = {
      KAFKA_BROKERS: addressOf('kafka'),
      CONSUL_HTTP_ADDR: addressOf('consul'),
      DATABASE_URL: await freshDatabase(),
      TOPIC_PREFIX: prefix,
      KAFKA_GROUP_PREFIX: prefix,
      REGISTRY_ID: prefix,
      TOPIC_PARTITIONS: '2',
      // Nobody is accepted without a backend that is only slow.
      DEGRADED_ACCEPT_AFTER_MS: '600000',
    };
  });
  afterAll(async () => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: PATIENCE_MS });
    await admin.disconnect();
    for (const database of databases) await database.drop();
  });

  describe('beside a registry that runs', () => {
    let rollcall: Rollcall;

    beforeAll(async () => {
      await build();
      rollcall = await Rollcall.start(env);
      // Its groups have committed something, so that they are known when it has left.
      const register = ['register', 'a', '--type', 'effect', '--wait', '60', '--url', rollcall.url];
      expect(await run(register)).toMatchObject({ code: 0 });
    });
    afterAll(() => rollcall?.stop());

    it('has nothing against it', async () => {
      const wanted = [
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
      ];
      const isOk = ({ findings }: Report, check: string) =>
        findings.some((finding) => finding.check === check && finding.status === 'ok');
      const hasNothing = (report: Report) => !finds(/^fail/)(report) && wanted.every((check) => isOk(report, check));
      const report = await reportWith(hasNothing, env, rollcall.url);
      expect(report.code).toBe(0);
    });

    it('finds a TOPIC_PREFIX that is not that of the nodes', async () => {
      const trouble = /^fail kafka.topics: no topic begins with other-/;
      const report = await reportWith(finds(trouble), { ...env, TOPIC_PREFIX: uniqueName('other') });
      expectTrouble(report, trouble, /Set TOPIC_PREFIX/);
      expect(report.code).toBe(1);
    });

    it('finds a KAFKA_GROUP_PREFIX that is not that of the replicas', async () => {
      const trouble = /^warn kafka.groups: no group begins with other-/;
      const report = await reportWith(finds(trouble), { ...env, KAFKA_GROUP_PREFIX: uniqueName('other') });
      expectTrouble(report, trouble, /Set KAFKA_GROUP_PREFIX/);
    });

    it('finds the environment of another registry', async () => {
      const { KAFKA_BROKERS: _brokers, ...without } = env;
      const trouble = /^warn registry.same-servers: .* uses a real kafka/;
      const report = await reportWith(finds(trouble), without, rollcall.url);
      expectTrouble(report, trouble, /environment of the registry/);
    });

    it('finds that nobody reads once it has stopped', async () => {
      await rollcall.stop();
      const trouble = /^warn kafka.groups: nobody reads for/;
      expectTrouble(await reportWith(finds(trouble), env), trouble, /Start the registry/);
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
      await createTopics(admin, [
        topic('evt.node-became-active.v1'),
        topic('evt.node-deregistered.v1'),
        topic('evt.node-introspection.v1', { configs: { 'message.timestamp.type': 'CreateTime' } }),
        topic('evt.node-heartbeat.v1', { partitions: 3 }),
        topic('evt.registration-progress.v1', { configs: { 'cleanup.policy': 'compact' } }),
        topic('cmd.register-node.v1', { configs: { 'min.insync.replicas': '2' } }),
        topic('intent.consul.v1', { configs: { 'retention.ms': '60000' } }),
      ]);
      report = await reportWith(reachedAll, { ...env, TOPIC_PREFIX: planted });
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
      const producer = kafka().producer();
      await producer.connect();
      const timestamp = String(Date.now() + 1_800_000);
      // The topic with CreateTime takes any stamp: like that of a broker whose clock is half an hour ahead.
      await producer.send({
        topic: `${planted}.evt.node-introspection.v1`,
        messages: [{ key: 'a', value: '{}', timestamp }],
      });
      await producer.disconnect();
      const trouble = /^fail clocks: the clock of Kafka is at least 600 s ahead/;
      const seen = await reportWith(finds(trouble), { ...env, TOPIC_PREFIX: planted });
      expectTrouble(seen, trouble, /time servers/);
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
      expectTrouble(await reportWith(finds(trouble), { ...env, DATABASE_URL: url }), trouble, mend);
    });

    it('a database that there is not', async () => {
      const url = new URL(addressOf('postgres'));
      url.pathname = `/${uniqueName('none').replaceAll('-', '_')}`;
      const trouble = /^fail postgres.registry: PostgreSQL cannot be used: .*does not exist/;
      const report = await reportWith(finds(trouble), { ...env, REGISTRY_DATABASE_URL: url.href });
      expectTrouble(report, trouble, /createdb/);
    });
  });

  it('finds servers that are not where they are said to be', async () => {
    const elsewhere = {
      ...env,
      KAFKA_BROKERS: '127.0.0.1:1',
      CONSUL_HTTP_ADDR: '127.0.0.1:1',
      DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none',
    };
    const expected: readonly (readonly [trouble: RegExp, mend: RegExp])[] = [
      [/^fail kafka: Kafka cannot be used/, /Start Kafka, or set KAFKA_BROKERS|a firewall/],
      [/^fail consul: Consul cannot be used: .*ECONNREFUSED/, /CONSUL_HTTP_ADDR/],
      [/^fail postgres.state: PostgreSQL cannot be used: .*ECONNREFUSED/, /DATABASE_URL/],
    ];
    const report = await reportWith((seen) => expected.every(([trouble]) => finds(trouble)(seen)), elsewhere);
    for (const [trouble, mend] of expected) expectTrouble(report, trouble, mend);
    expect(JSON.stringify(report)).not.toContain('secret-word');
  });
});
