import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { markAnnounced, readGuard, writeGuard } from '../../src/runtime/journal/expiry-guard.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { at } from '../support/builders.js';
import { describeStack } from '../support/stack.js';

const OPEN = { heldSince: null, expiring: 0, live: 0, released: false, announcement: null };

describeStack('the row of mass-expiry protection', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('delete from expiry_guard');
    await database.pool.query('insert into expiry_guard default values');
  });

  it('is there from the beginning, and holds nothing back', async () => {
    const fresh = await createStateDatabase();
    try {
      expect(await readGuard(fresh.database.pool)).toEqual(OPEN);
    } finally {
      await fresh.drop();
    }
  });

  it('keeps what was decided, and the announcement to the byte, until that is in the log', async () => {
    const announcement = '{ "b":1.0,\n "a": "ü" }';
    const held = { heldSince: at(1), expiring: 31, live: 100, announcement };
    await writeGuard(database.pool, held);
    expect(await readGuard(database.pool)).toEqual({ ...held, released: false });
    await markAnnounced(database.pool);
    expect(await readGuard(database.pool)).toEqual({ ...held, announcement: null, released: false });
  });

  it('tells whether an operator releases it now', async () => {
    const releasedUntil = (time: string) => database.pool.query(`update expiry_guard set released_until = ${time}`);
    await releasedUntil(`now() + interval '1 hour'`);
    expect(await readGuard(database.pool)).toEqual({ ...OPEN, released: true });
    await writeGuard(database.pool, { heldSince: at(1), expiring: 1, live: 2, announcement: null });
    expect((await readGuard(database.pool)).released).toBe(true);
    await releasedUntil(`now() - interval '1 second'`);
    expect((await readGuard(database.pool)).released).toBe(false);
  });

  it('says how to mend it when it is gone', async () => {
    await database.pool.query('delete from expiry_guard');
    await expect(readGuard(database.pool)).rejects.toThrow('insert into expiry_guard default values');
  });
});
