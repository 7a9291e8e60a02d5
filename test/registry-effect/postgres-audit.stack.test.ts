import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  createPostgresAudit,
  createPostgresEffect,
  registryMigrations,
  restoreRegistrations,
  type BackendAudit,
  type PostgresEffect,
} from '../../src/registry-effect/index.js';
import { bucketOf } from '../../src/registry-effect/drift/buckets.js';
import { createLog, Database } from '../../src/runtime/index.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { auditAll, moved, told } from './audit-all.js';
import { asDeactivate, asUpsert, desired, neighbourOf } from './desired-nodes.js';
import { migrateUp } from './migrate.js';
import { at, upsert } from './sample-intents.js';

describeStack('the audit of node_registrations', ['postgres'], () => {
  const nodes = [
    desired('a'),
    desired('b', { health: 'critical' }),
    desired('Capitals', {
      record: {
        capabilityTags: ['a,b', '"', '\\', 'NULL', ''],
        metadata: { n: 1e21, '': [[], null] },
        incarnation: null,
      },
    }),
  ];
  const gone = desired('gone', { presence: 'absent' });
  const never = desired('never', { presence: 'absent' });
  const all = [...nodes, gone, never];
  let database: TestDatabase;
  let pool: pg.Pool;
  let effect: PostgresEffect;
  let audit: BackendAudit;

  beforeAll(async () => {
    database = await createDatabase();
    await migrateUp(database.url);
    pool = new pg.Pool({ connectionString: database.url, max: 3 });
    effect = createPostgresEffect({ pool, retryBaseMs: 1, requestTimeoutMs: 60_000 });
    audit = createPostgresAudit({ pool, requestTimeoutMs: 60_000, isServing: () => true });
  });
  beforeEach(async () => {
    await effect.upsertRegistrations.apply([...nodes, { ...gone, revision: 1 }].map((node) => at(asUpsert(node))));
    await effect.deactivateRegistrations.apply([at(asDeactivate(gone))]);
  });
  afterEach(() => pool.query('TRUNCATE node_registrations'));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('finds nothing where nothing is wrong', async () => {
    expect(await told(audit, all)).toEqual([]);
    expect(await audit.compare(bucketOf('a'), [nodes[0]!])).toEqual({ entries: 1, compared: 1, findings: [] });
  });

  it('has marks that move with the rows of their bucket, and with nothing else', async () => {
    const before = await audit.marks();
    expect(before).toHaveLength(256);
    expect(await audit.marks()).toEqual(before);
    const writes = [
      `UPDATE node_registrations SET node_version = node_version WHERE node_id = 'a'`,
      `DELETE FROM node_registrations WHERE node_id = 'b'`,
      `INSERT INTO node_registrations SELECT (jsonb_populate_record(r, '{"node_id": "new\\\\id"}')).* FROM node_registrations r WHERE node_id = 'a'`,
    ];
    for (const write of writes) await pool.query(write);
    const buckets = ['a', 'b', 'new\\id'].map(bucketOf).sort((one, other) => one - other);
    expect(moved(before, await audit.marks())).toEqual(buckets);
  });

  it.each([
    ['node_type', `'compute'`],
    ['node_version', `'9.9.9'`],
    ['capabilities', `capabilities || '{"more": 1}'`],
    ['capability_tags', `array_append(capability_tags, 'more')`],
    ['endpoints', `'{}'`],
    ['metadata', `'{"team": "other"}'`],
    ['health_endpoint', 'NULL'],
    ['state', `'registered'`],
    ['revision', '99'],
    ['attempt_id', 'gen_random_uuid()'],
    ['incarnation', '1'],
    ['deregistered_at', 'now()'],
  ])('finds that somebody altered %s', async (column, value) => {
    await pool.query(`UPDATE node_registrations SET ${column} = ${value} WHERE node_id = 'a'`);
    const findings = await auditAll(audit, all);
    const foundRevision = column === 'revision' ? 99 : 2;
    expect(findings).toEqual([
      { nodeId: 'a', drift: 'altered', revision: 2, foundRevision, differences: [column], entry: null },
    ]);
  });

  it('takes no offence at times', async () => {
    await pool.query(`UPDATE node_registrations SET registered_at = now(), updated_at = now()`);
    await pool.query(`UPDATE node_registrations SET deregistered_at = now() WHERE node_id = 'gone'`);
    expect(await told(audit, all)).toEqual([]);
  });

  it('finds what is missing, and that nothing of what has left is', async () => {
    await pool.query(`DELETE FROM node_registrations WHERE node_id <> 'b'`);
    expect(await told(audit, all)).toEqual(['missing Capitals:', 'missing a:']);
  });

  it('finds a node there that has left, and a fence that somebody moved', async () => {
    await pool.query(`UPDATE node_registrations SET state = 'active', deregistered_at = NULL WHERE node_id = 'gone'`);
    expect(await told(audit, all)).toEqual(['ghost gone: state deregistered_at']);
    await pool.query(`UPDATE node_registrations SET state = 'deregistered', deregistered_at = now(), revision = 8
                      WHERE node_id = 'gone'`);
    expect(await auditAll(audit, all)).toMatchObject([{ nodeId: 'gone', drift: 'altered', foundRevision: 8 }]);
  });

  it('tells of rows of nodes that nobody knows, and judges none that is on its way', async () => {
    const unknown = neighbourOf('a', 'unknown');
    await effect.upsertRegistrations.apply([at(upsert(unknown))]);
    await pool.query(`UPDATE node_registrations SET state = 'active' WHERE node_id = 'b'`);
    const onItsWay = all.map((node) => (node.nodeId === 'b' ? { ...node, settled: false } : node));
    expect(await told(audit, onItsWay)).toEqual([`foreign ${unknown}:`]);
  });

  it('reads a bucket by its index', async () => {
    const client = await pool.connect();
    await client.query('SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      String.raw`EXPLAIN SELECT * FROM node_registrations WHERE get_byte(sha256(replace(node_id, '\', '\\')::bytea), 0) = 7`,
    );
    client.release(true);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('node_registrations_by_bucket');
  });
});

describeStack('node_registrations, dropped by somebody', ['postgres'], () => {
  const nodes = ['a', 'b'].map((nodeId) => desired(nodeId));
  const [a] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  let database: TestDatabase;
  let pool: pg.Pool;
  let errors: string[];
  let effect: PostgresEffect;

  beforeEach(async () => {
    database = await createDatabase();
    await migrateUp(database.url);
    pool = new pg.Pool({ connectionString: database.url, max: 4 });
    errors = [];
    effect = createPostgresEffect({
      pool,
      retryBaseMs: 1,
      requestTimeoutMs: 60_000,
      restoreTable: restoreRegistrations,
      onError: (code, text) => errors.push(`${code} ${text}`),
    });
    await effect.upsertRegistrations.apply(nodes.map((node) => at(asUpsert(node))));
    await pool.query('DROP TABLE node_registrations CASCADE');
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  const shown = async (): Promise<unknown[]> =>
    (await pool.query<{ id: string }>('SELECT id FROM tool_registrations ORDER BY 1')).rows.map(({ id }) => id);

  async function alone(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
    const client = await pool.connect();
    await work(client).finally(() => client.release());
  }

  it('is made again by whatever is written next, with its view and its indexes, and no node fails', async () => {
    expect(await effect.upsertRegistrations.apply([at(asUpsert(a))])).toEqual([{ ok: true }]);
    expect(await shown()).toEqual(['a']);
    const { rows } = await pool.query(`SELECT indexname FROM pg_indexes WHERE tablename = 'node_registrations'`);
    expect(rows).toHaveLength(5);
    expect(errors).toEqual([]);
    await pool.query('DROP TABLE node_registrations CASCADE');
    expect(await effect.deactivateRegistrations.apply([at(asDeactivate(a))])).toEqual([{ ok: true }]);
    expect(await shown()).toEqual([]);
  });

  it('is missing with all its rows to an audit, which finds nothing once they were written again', async () => {
    const audit = createPostgresAudit({
      pool,
      requestTimeoutMs: 60_000,
      isServing: () => true,
      restoreTable: restoreRegistrations,
    });
    expect(await told(audit, nodes)).toEqual(['missing a:', 'missing b:']);
    await effect.upsertRegistrations.apply(nodes.map((node) => at(asUpsert(node))));
    expect(await told(audit, nodes)).toEqual([]);
  });

  it('is made once, however many find it missing', async () => {
    const work = nodes.map((node) => effect.upsertRegistrations.apply([at(asUpsert(node))]));
    await Promise.all([...work, alone(restoreRegistrations), alone(restoreRegistrations)]);
    expect(await shown()).toEqual(['a', 'b']);
    expect(errors).toEqual([]);
  });

  it('comes back with the whole database, and the next start finds nothing to be done', async () => {
    await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await effect.upsertRegistrations.apply([at(asUpsert(a))]);
    const log = createLog('silent');
    const start = new Database({
      name: 'registry',
      url: database.url,
      migrations: registryMigrations,
      prepare: restoreRegistrations,
      connections: 2,
      log,
    });
    await start.ready;
    await start.close();
    expect(await shown()).toEqual(['a']);
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM rollcall_registry_migrations ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual([
      'CreateNodeRegistrations1763700000000',
      'CreateToolRegistrationsView1763700000001',
      'IndexNodeRegistrationsByBucket1763700000002',
    ]);
  });

  it('makes the backend unavailable, and no node fail, while it cannot be made again', async () => {
    const helpless = createPostgresEffect({
      pool,
      retryAttempts: 1,
      requestTimeoutMs: 60_000,
      restoreTable: () => Promise.reject(new Error('no room')),
    });
    await expect(helpless.upsertRegistrations.apply([at(asUpsert(a))])).rejects.toMatchObject({
      code: 'POSTGRES_CONNECTION_ERROR',
      message: expect.stringMatching(/node_registrations.* does not exist, and it cannot be made again: no room/),
    });
  });
});
