import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  BackendUnavailable,
  createPostgresEffect,
  postgresHealth,
  type BreakerState,
  type PostgresEffect,
} from '../../src/registry-effect/index.js';
import { createDatabase, describeStack, uniqueName, type TestDatabase } from '../support/stack.js';
import { migrateUp } from './migrate.js';
import { at, names, upsert } from './sample-intents.js';
import { tcpProxy, type TcpProxy } from './tcp-proxy.js';

describeStack('the PostgreSQL effect in an outage', ['postgres'], () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let pool: pg.Pool;
  let effect: PostgresEffect;
  let states: BreakerState[];
  let onError: (code: string) => void;

  beforeAll(async () => {
    database = await createDatabase();
    await migrateUp(database.url);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    const url = new URL(database.url);
    proxy = await tcpProxy(url.hostname, Number(url.port || 5432));
    url.port = String(proxy.port);
    pool = new pg.Pool({ connectionString: url.href, max: 2 });
    states = [];
    onError = () => undefined;
    effect = createPostgresEffect({
      pool,
      retryBaseMs: 1,
      requestTimeoutMs: 60_000,
      breakerResetMs: 0, // every call after it opened is a probe
      onBreakerChange: (state) => states.push(state),
      onError: (code) => onError(code),
    });
  });
  afterEach(async () => {
    await proxy.close();
    await pool.end();
  });

  const put = (id = 'n1') => effect.upsertRegistrations.apply([at(upsert(id))]);
  const unavailable = (work: Promise<unknown>): Promise<BackendUnavailable> =>
    work.then(
      () => Promise.reject(new Error('should have been unavailable')),
      (error: BackendUnavailable) => error,
    );

  it('is unavailable while the server is gone, opens its breaker after five batches, and closes it by one probe', async () => {
    expect(await put()).toEqual([{ ok: true }]);
    proxy.cut();
    for (let batch = 1; batch <= 5; batch++) {
      const error = await unavailable(put());
      expect(error).toBeInstanceOf(BackendUnavailable);
      expect(error.code).toBe('POSTGRES_CONNECTION_ERROR');
      expect(states).toEqual(batch < 5 ? [] : ['open']);
    }
    proxy.restore();
    expect(await put()).toEqual([{ ok: true }]);
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  it('is unavailable while the server hangs, in a new connection and in one that it has', async () => {
    await put();
    const impatient = createPostgresEffect({ pool, retryBaseMs: 1, requestTimeoutMs: 500 });
    proxy.freeze();
    const error = await unavailable(impatient.upsertRegistrations.apply([at(upsert('n1'))]));
    expect(error).toMatchObject({ code: 'POSTGRES_TIMEOUT_ERROR' });
    expect(pool.idleCount).toBe(0);
    expect(await postgresHealth({ pool, timeoutMs: 50 })).toMatchObject({ ok: false, code: 'POSTGRES_TIMEOUT_ERROR' });
    proxy.restore();
    proxy.cut(); // what hung is lost
    proxy.restore();
    expect(await put()).toEqual([{ ok: true }]);
  });

  it('survives the loss of an idle connection, and tells of it', async () => {
    await put();
    const told = new Promise((resolve) => (onError = resolve));
    proxy.cut();
    expect(await told).toBe('POSTGRES_CONNECTION_ERROR');
  });

  it('finishes a batch whose connection was cut on the next try', async () => {
    const ids = names(300);
    await put();
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    client.release();
    const work = effect.upsertRegistrations.apply(ids.map((id) => at(upsert(id))));
    proxy.cut();
    proxy.restore();
    expect(await work).toEqual(ids.map(() => ({ ok: true })));
    const after = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    expect(after.rows[0]?.pid).not.toBe(rows[0]?.pid);
  });

  it('blames no node for a table that is not there', async () => {
    await pool.query('ALTER TABLE node_registrations RENAME TO elsewhere');
    const error = await unavailable(put());
    expect(error).toMatchObject({ code: 'POSTGRES_CONNECTION_ERROR' });
    expect(error.message).toContain('"node_registrations" does not exist');
    const health = await postgresHealth({ pool, timeoutMs: 60_000 });
    expect(health).toMatchObject({ ok: false, message: expect.stringContaining('not exist') });
    await pool.query('ALTER TABLE elsewhere RENAME TO node_registrations');
    expect(await put()).toEqual([{ ok: true }]);
  });

  it('opens its breaker at once when the role may not write', async () => {
    const role = uniqueName('effect').replaceAll('-', '_');
    await pool.query(`CREATE ROLE ${role}`);
    const powerless = new pg.Pool({ connectionString: database.url, options: `-c role=${role}` });
    const refused = createPostgresEffect({ pool: powerless, requestTimeoutMs: 60_000 });
    const error = await unavailable(refused.upsertRegistrations.apply([at(upsert('n1'))]));
    await powerless.end();
    await pool.query(`DROP ROLE ${role}`);
    expect(error).toMatchObject({ code: 'POSTGRES_AUTH_ERROR' });
    expect(refused.breakerState()).toBe('open');
  });
});
