import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPostgresEffect, postgresHealth, type PostgresEffect } from '../../src/registry-effect/index.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { migrateUp } from './migrate.js';
import { AT, at, deactivate, names, record, upsert } from './sample-intents.js';

const LATER = '2026-11-21T11:30:00.000Z';

describeStack('the PostgreSQL effect', ['postgres'], () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let effect: PostgresEffect;

  beforeAll(async () => {
    database = await createDatabase();
    await migrateUp(database.url);
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    effect = createPostgresEffect({ pool, retryBaseMs: 1, requestTimeoutMs: 60_000 });
  });
  afterEach(async () => {
    await pool.query('TRUNCATE node_registrations');
    await pool.end();
  });

  type Row = Record<string, unknown>;
  async function rows(): Promise<Row[]> {
    const { rows: found } = await pool.query<Row>('SELECT * FROM node_registrations ORDER BY node_id COLLATE "C"');
    return found;
  }
  const row = async (nodeId: string): Promise<Row | undefined> =>
    (await rows()).find((one) => one['node_id'] === nodeId);
  const put = (intent: ReturnType<typeof upsert>, time = AT) => effect.upsertRegistrations.apply([at(intent, time)]);
  const leave = (intent: ReturnType<typeof deactivate>, time = AT) =>
    effect.deactivateRegistrations.apply([at(intent, time)]);

  it('writes a record as it is', async () => {
    const intent = upsert('n1', { revision: 4, state: 'active' });
    expect(await put(intent)).toEqual([{ ok: true }]);
    const described = record('n1');
    expect(await row('n1')).toEqual({
      node_id: 'n1',
      node_type: 'effect',
      node_version: '1.2.3',
      capabilities: described.capabilities,
      capability_tags: ['resize', 'formats'],
      endpoints: described.endpoints,
      metadata: described.metadata,
      health_endpoint: described.healthEndpoint,
      state: 'active',
      revision: '4',
      attempt_id: intent.attemptId,
      incarnation: '1790000000000',
      registered_at: new Date(AT),
      updated_at: new Date(AT),
      deregistered_at: null,
    });
  });

  it('writes empty and odd values as they are', async () => {
    const odd = {
      capabilityTags: ['a,b', '"', '\\', '{}', 'NULL', '', 'ü\n'],
      metadata: { 'it\'s "{}\\': [[], {}, ''] },
    };
    await put(upsert('odd', { record: odd }));
    await put(
      upsert('bare', { record: { capabilityTags: [], healthEndpoint: null, incarnation: null, endpoints: {} } }),
    );
    expect(await row('odd')).toMatchObject({ capability_tags: odd.capabilityTags, metadata: odd.metadata });
    expect(await row('bare')).toMatchObject({
      capability_tags: [],
      health_endpoint: null,
      incarnation: null,
      endpoints: {},
    });
  });

  it('writes a batch of more than one statement, whatever its order', async () => {
    const ids = names(1_200);
    const outcomes = await effect.upsertRegistrations.apply([...ids].reverse().map((id) => at(upsert(id))));
    expect(outcomes).toEqual(ids.map(() => ({ ok: true })));
    expect((await rows()).map((one) => one['node_id'])).toEqual(ids);
  });

  it('keeps the time of the first registration', async () => {
    await put(upsert('n1'));
    await put(upsert('n1', { revision: 2, record: { nodeVersion: '2.0.0' } }), LATER);
    expect(await row('n1')).toMatchObject({
      node_version: '2.0.0',
      revision: '2',
      registered_at: new Date(AT),
      updated_at: new Date(LATER),
    });
  });

  it('writes the same once more when an intent is repeated', async () => {
    const intents = names(50).map((id) => at(upsert(id, { revision: 3 })));
    await effect.upsertRegistrations.apply(intents);
    const before = await rows();
    expect(await effect.upsertRegistrations.apply(intents)).toEqual(intents.map(() => ({ ok: true })));
    expect(await rows()).toEqual(before);
    await leave(deactivate('node-0001', 4), LATER);
    const deactivated = await rows();
    const again = { ...deactivate('node-0001', 4), attemptId: deactivated[1]!['attempt_id'] as string };
    expect(await leave(again, LATER)).toEqual([{ ok: true }]);
    expect(await rows()).toEqual(deactivated);
  });

  it('leaves a higher revision alone, and names it', async () => {
    await put(upsert('n1', { revision: 5 }));
    const outcomes = await effect.upsertRegistrations.apply([
      at(upsert('n0')),
      at(upsert('n1', { revision: 4, state: 'active' }), LATER),
      at(upsert('n2')),
    ]);
    expect(outcomes).toEqual([
      { ok: true },
      {
        ok: false,
        errorCode: 'POSTGRES_VALIDATION_ERROR',
        errorMessage: 'revision 4 is stale: node_registrations holds revision 5 of n1',
      },
      { ok: true },
    ]);
    expect(await row('n1')).toMatchObject({ revision: '5', state: 'registered', updated_at: new Date(AT) });
  });

  it('deactivates, and keeps the row', async () => {
    await put(upsert('n1', { state: 'active' }));
    const intent = deactivate('n1', 2);
    expect(await leave(intent, LATER)).toEqual([{ ok: true }]);
    expect(await row('n1')).toMatchObject({
      node_version: '1.2.3',
      state: 'deregistered',
      revision: '2',
      attempt_id: intent.attemptId,
      registered_at: new Date(AT),
      updated_at: new Date(LATER),
      deregistered_at: new Date(LATER),
    });
  });

  it('deactivates what is there, at its revision, and is content with what is not', async () => {
    await put(upsert('n1'));
    await put(upsert('n2', { revision: 9 }));
    const outcomes = await effect.deactivateRegistrations.apply(
      [deactivate('n1', 2), deactivate('n2', 8), deactivate('never-was', 2)].map((intent) => at(intent)),
    );
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, errorMessage: expect.stringContaining('holds revision 9 of n2') },
      { ok: true },
    ]);
    expect((await rows()).map((one) => one['state'])).toEqual(['deregistered', 'registered']);
  });

  it('brings a deregistered node back', async () => {
    await put(upsert('n1'));
    await leave(deactivate('n1', 2));
    await put(upsert('n1', { revision: 3 }), LATER);
    expect(await row('n1')).toMatchObject({ state: 'registered', deregistered_at: null, registered_at: new Date(AT) });
  });

  it('fails the culprits alone, in a batch of hundreds', async () => {
    const ids = names(500);
    const outcomes = await effect.upsertRegistrations.apply(
      ids.map((id, index) => {
        if (index === 17) return at(upsert(id, { record: { nodeType: 'gateway' as 'effect' } })); // a constraint
        if (index === 18) return at(upsert(id, { record: { metadata: { text: '\u0000' } } })); // not for jsonb
        return at(upsert(id), index === 401 ? 'soon' : AT); // no timestamp
      }),
    );
    expect(outcomes.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([17, 18, 401]);
    expect(outcomes[17]).toMatchObject({
      errorCode: 'POSTGRES_VALIDATION_ERROR',
      errorMessage: expect.stringContaining('node_registrations_node_type_known'),
    });
    expect(await rows()).toHaveLength(497);
  });

  it('fails a tag that no index can hold', async () => {
    const tag = Array.from({ length: 1_500 }, (_, index) => ((index * 2_654_435_761) >>> 0).toString(36)).join('');
    const outcomes = await effect.upsertRegistrations.apply([
      at(upsert('n1')),
      at(upsert('n2', { record: { capabilityTags: [tag] } })),
    ]);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, errorCode: 'POSTGRES_VALIDATION_ERROR' }]);
  });

  it('gives up on an error that nobody knows after trying its row alone', async () => {
    await pool.query(`
      CREATE SEQUENCE tries;
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'odd, password=opensesame'; END $$;
      CREATE TRIGGER odd BEFORE INSERT ON node_registrations FOR EACH ROW WHEN (NEW.node_id = 'odd') EXECUTE FUNCTION fail()`);
    try {
      const outcomes = await effect.upsertRegistrations.apply(['a', 'odd', 'z'].map((id) => at(upsert(id))));
      expect(outcomes).toEqual([
        { ok: true },
        { ok: false, errorCode: 'POSTGRES_UNKNOWN_ERROR', errorMessage: 'odd, password=***' },
        { ok: true },
      ]);
      const { rows: tries } = await pool.query<{ last_value: string }>('SELECT last_value FROM tries');
      expect(tries[0]?.last_value).toBe('7'); // all three, then with one other, then five times alone
    } finally {
      await pool.query('DROP FUNCTION fail CASCADE; DROP SEQUENCE tries');
    }
  });

  it('keeps a connection on which only a statement failed', async () => {
    await put(upsert('n1', { record: { nodeType: 'gateway' as 'effect' } }));
    await put(upsert('n1'));
    expect(pool.totalCount).toBe(1);
    const { rows: prepared } = await pool.query<{ name: string }>('SELECT name FROM pg_prepared_statements ORDER BY 1');
    expect(prepared.map(({ name }) => name)).toEqual(['registry-upsert']);
  });

  it('never dead-locks with a second process that has the same nodes', async () => {
    const other = new pg.Pool({ connectionString: database.url, max: 2 });
    const errors: string[] = [];
    const second = createPostgresEffect({
      pool: other,
      requestTimeoutMs: 60_000,
      onError: (code, message) => errors.push(`${code} ${message}`),
    });
    const there = names(200).map((id) => at(upsert(id)));
    const back = [...there].reverse();
    await effect.upsertRegistrations.apply(there);
    for (let round = 1; round <= 10; round++) {
      await Promise.all([
        effect.upsertRegistrations.apply(there),
        second.upsertRegistrations.apply(back),
        second.deactivateRegistrations.apply(back.map(({ intent }) => at(deactivate(intent.nodeId, 1)))),
      ]);
    }
    await other.end();
    expect(errors).toEqual([]);
  });

  it('is healthy, with its version', async () => {
    const health = await postgresHealth({ pool, timeoutMs: 60_000 });
    expect(health).toMatchObject({ ok: true, version: expect.stringMatching(/^\d+/) });
  });
});
