import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createLog, Database } from '../../src/runtime/index.js';
import type { Queryable } from '../../src/runtime/journal/due-deadlines.js';
import { KEEP_EVERY_MS, LeaderLock, SCANNER_LOCK } from '../../src/runtime/journal/leader-lock.js';
import { createDatabase, describeStack, until, type TestDatabase } from '../support/stack.js';

const log = createLog('silent');

describeStack('the lead of the scan', ['postgres'], () => {
  let server: TestDatabase;
  const databases: Database[] = [];
  const locks: LeaderLock[] = [];

  beforeEach(async () => {
    server = await createDatabase();
  });
  afterEach(async () => {
    await Promise.all(locks.splice(0).map((lock) => lock.release()));
    await Promise.all(databases.splice(0).map((database) => database.close()));
    await server.drop();
  });

  async function opened(exclusive: boolean): Promise<Database> {
    const database = new Database({ name: 'state', url: server.url, migrations: [], connections: 2, exclusive, log });
    databases.push(database);
    await database.ready;
    return database;
  }

  /** A process of its own, as far as the server can tell. */
  async function replica(): Promise<LeaderLock> {
    const lock = new LeaderLock(await opened(false), SCANNER_LOCK, log);
    locks.push(lock);
    return lock;
  }

  async function backendOf(connection: Queryable | null): Promise<number> {
    const { rows } = await connection!.query<{ pid: number }>('select pg_backend_pid() as pid');
    return rows[0]!.pid;
  }

  /** The lead, which the server leaves even to a machine that stalls; null while another one has it. */
  async function leadOf(lock: LeaderLock): Promise<Queryable | null> {
    // A busy server may let nobody in for a while: then it is asked again.
    const { connection } = await until(
      async () => {
        const connection = await lock.lead();
        await connection?.query('set idle_session_timeout = 0');
        return { connection };
      },
      { what: 'an answer' },
    );
    return connection;
  }
  const leads = async (lock: LeaderLock): Promise<boolean> => (await leadOf(lock)) !== null;

  it('is one of two', async () => {
    const [first, second] = [await replica(), await replica()];
    const connection = await leadOf(first);
    expect(connection).not.toBeNull();
    expect(await leadOf(second)).toBeNull();
    expect(await leadOf(first)).toBe(connection);
    expect(await leadOf(second)).toBeNull();
  });

  it('is free for the other when the first gives it back', async () => {
    const [first, second] = [await replica(), await replica()];
    expect(await leads(first)).toBe(true);
    expect(await leads(second)).toBe(false);
    await first.release();
    await until(() => leads(second), { what: 'the second to lead' });
    expect(await leads(first)).toBe(false);
    await second.release();
    await until(() => leads(first), { what: 'the first to lead again' });
  });

  it('goes with its connection: who lost it notices, and cannot go on', async () => {
    const [first, second] = [await replica(), await replica()];
    const connection = await leadOf(first);
    const { pool } = await opened(false);
    await pool.query('select pg_terminate_backend($1)', [await backendOf(connection)]);
    await until(() => leads(second), { what: 'the second to lead' });
    await expect(connection!.query('select 1')).rejects.toThrow();
    expect(await leads(first)).toBe(false);
  });

  it('is noticed to be lost by who keeps it, too', async () => {
    const lock = await replica();
    const lost = await backendOf(await leadOf(lock));
    const { pool } = await opened(false);
    await pool.query('select pg_terminate_backend($1)', [lost]);
    await lock.keep();
    const connection = await until(() => leadOf(lock), { what: 'to lead again' });
    expect(await backendOf(connection)).not.toBe(lost);
  });

  it('is taken from who asks nothing for long', async () => {
    const [idle, waiting] = [await replica(), await replica()];
    await until(() => idle.lead(), { what: 'the lead' });
    await until(() => leads(waiting), { what: 'the server to end the session of the idle one' });
    expect(await leads(idle)).toBe(false);
  });

  it('is left to who keeps it, which asks the server something well within the time that it allows', async () => {
    const lock = await replica();
    const connection = await until(() => lock.lead(), { what: 'the lead' });
    const { rows } = await connection.query<{ ms: number }>(
      `select setting::int as ms from pg_settings where name = 'idle_session_timeout'`,
    );
    expect(rows[0]?.ms).toBeGreaterThan(3 * KEEP_EVERY_MS);
    const backend = await backendOf(await leadOf(lock));
    const { pool } = await opened(false);
    const askedAt = async (): Promise<string | undefined> => {
      const question = 'select query_start::text as at from pg_stat_activity where pid = $1';
      return (await pool.query<{ at: string }>(question, [backend])).rows[0]?.at;
    };
    const before = await askedAt();
    await lock.keep();
    const after = await askedAt();
    expect([before, after]).toEqual([expect.any(String), expect.any(String)]);
    expect(after).not.toBe(before);
    expect(await backendOf(await leadOf(lock))).toBe(backend);
  });

  it('cannot be lost where nobody else can be connected', async () => {
    const database = await opened(true);
    const lock = new LeaderLock(database, SCANNER_LOCK, log);
    expect(await lock.lead()).toBe(database.pool);
    await lock.keep();
    await lock.release();
    expect(await lock.lead()).toBe(database.pool);
  });

  it('rejects while the database cannot be reached', async () => {
    const database = await opened(false);
    const lock = new LeaderLock(database, SCANNER_LOCK, log);
    locks.push(lock);
    await server.drop();
    const refusal = () =>
      lock.lead().then(
        () => null,
        (error: Error) => /does not exist/.exec(error.message),
      );
    await until(refusal, { what: 'the server to say why' });
    await lock.keep();
  });
});
