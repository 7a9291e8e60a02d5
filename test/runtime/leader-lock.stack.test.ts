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

  const leads = async (lock: LeaderLock): Promise<boolean> => (await lock.lead()) !== null;

  it('is one of two', async () => {
    const [first, second] = [await replica(), await replica()];
    const connection = await first.lead();
    expect(connection).not.toBeNull();
    expect(await second.lead()).toBeNull();
    expect(await first.lead()).toBe(connection);
    expect(await second.lead()).toBeNull();
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
    const connection = await first.lead();
    const { pool } = await opened(false);
    await pool.query('select pg_terminate_backend($1)', [await backendOf(connection)]);
    await until(() => leads(second), { what: 'the second to lead' });
    await expect(connection!.query('select 1')).rejects.toThrow();
    expect(await until(async () => ({ led: await leads(first) }), { what: 'the first to connect again' })).toEqual({
      led: false,
    });
  });

  it('is noticed to be lost by who keeps it, too', async () => {
    const lock = await replica();
    const lost = await backendOf(await lock.lead());
    const { pool } = await opened(false);
    await pool.query('select pg_terminate_backend($1)', [lost]);
    await lock.keep();
    const connection = await until(() => lock.lead(), { what: 'to lead again' });
    expect(await backendOf(connection)).not.toBe(lost);
  });

  it('is taken from who asks nothing for long, and left to who keeps it', async () => {
    const other = await createDatabase();
    const keeping = new Database({ name: 'state', url: other.url, migrations: [], connections: 2, log });
    await keeping.ready;
    const kept = new LeaderLock(keeping, SCANNER_LOCK, log);
    const backend = await backendOf(await kept.lead());
    const timer = setInterval(() => void kept.keep(), KEEP_EVERY_MS);
    try {
      const [idle, waiting] = [await replica(), await replica()];
      expect(await leads(idle)).toBe(true);
      expect(await leads(waiting)).toBe(false);
      await until(() => leads(waiting), { what: 'the server to end the session of the idle one' });
      expect(await leads(idle)).toBe(false);
      expect(await backendOf(await kept.lead())).toBe(backend);
    } finally {
      clearInterval(timer);
      await kept.release();
      await keeping.close();
      await other.drop();
    }
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
    await expect(lock.lead()).rejects.toThrow(/does not exist/);
    await lock.keep();
  });
});
