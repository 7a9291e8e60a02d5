import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { readGuard } from '../../src/runtime/journal/expiry-guard.js';
import { describeStack } from '../support/stack.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type Answer, type TestApi } from './test-app.js';

type Expiry = { status: string; releasedUntil: string | null; reason: string | null };

describeStack('mass-expiry protection', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  beforeEach(() =>
    state.database.pool.query(
      'update expiry_guard set held_since = null, expiring = 0, live = 0, released_until = null',
    ),
  );
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  const hold = () =>
    state.database.pool.query(
      `update expiry_guard set held_since = '2026-11-21T08:00:00.123Z', expiring = 40, live = 100`,
    );
  /** What the scanner sees. */
  const released = async () => (await readGuard(state.database.pool)).released;

  function documentIn({ body }: Answer): Expiry {
    return DOCUMENTS.Expiry.parse(body);
  }

  it('runs, is held, is released and protects again', async () => {
    const running = { status: 'running', heldSince: null, expiring: 0, live: 0, releasedUntil: null, reason: null };
    expect((await api.request('/v1/expiry')).body).toEqual(running);

    await hold();
    const held = await api.request('/v1/expiry');
    expect(documentIn(held)).toEqual({
      status: 'held',
      heldSince: '2026-11-21T08:00:00.123Z',
      expiring: 40,
      live: 100,
      releasedUntil: null,
      reason: expect.stringContaining('40 of 100 nodes'),
    });

    const release = await api.request('/v1/expiry/release', json({ forMs: 60_000 }));
    expect(release.status).toBe(202);
    expect(documentIn(release)).toMatchObject({
      status: 'released',
      heldSince: '2026-11-21T08:00:00.123Z',
      reason: expect.stringContaining(documentIn(release).releasedUntil ?? 'never'),
    });
    expect((await api.request('/v1/expiry')).body).toEqual(release.body);
    expect(await released()).toBe(true);

    const resumed = await api.request('/v1/expiry/resume-protection', { method: 'POST' });
    expect([resumed.status, resumed.body]).toEqual([202, held.body]);
    expect(await released()).toBe(false);
    expect((await api.request('/v1/expiry/resume-protection', json({}))).body).toEqual(held.body);
  });

  it.each([
    ['5 minutes when nothing is said', { method: 'POST' }, 300_000],
    ['5 minutes for an empty object', json({}), 300_000],
    ['at least a second', json({ forMs: 1000 }), 1000],
    ['at most an hour', json({ forMs: 3_600_000 }), 3_600_000],
  ])('releases for %s, by the clock of the database', async (_what, init, forMs) => {
    const now = async () => {
      const { rows } = await state.database.pool.query<{ now: Date }>('select clock_timestamp() as now');
      return rows[0]?.now.getTime() ?? NaN;
    };
    const before = await now();
    const until = Date.parse(documentIn(await api.request('/v1/expiry/release', init)).releasedUntil ?? '');
    expect(until).toBeGreaterThanOrEqual(before + forMs);
    expect(until).toBeLessThanOrEqual((await now()) + forMs);
  });

  it('is no longer released when the time is over', async () => {
    await hold();
    await state.database.pool.query(`update expiry_guard set released_until = clock_timestamp()`);
    expect(documentIn(await api.request('/v1/expiry'))).toMatchObject({ status: 'held', releasedUntil: null });
  });

  it.each([
    ['/v1/expiry/release', json({ forMs: 999 }), 'forMs'],
    ['/v1/expiry/release', json({ forMs: 3_600_001 }), 'forMs'],
    ['/v1/expiry/release', json({ forMs: 1500.5 }), 'forMs'],
    ['/v1/expiry/release', json({ forMs: '60000' }), 'forMs'],
    ['/v1/expiry/release', json({ forMs: null }), 'forMs'],
    ['/v1/expiry/release', json({ forMs: 1e308 }), 'forMs'],
    ['/v1/expiry/release', json({ forMS: 60_000 }), 'forMS'],
    ['/v1/expiry/release', json([]), 'body'],
    ['/v1/expiry/release', json('now'), 'body'],
    ['/v1/expiry/release?forMs=60000', { method: 'POST' }, 'forMs'],
    ['/v1/expiry/resume-protection', json({ forMs: 60_000 }), 'forMs'],
    ['/v1/expiry/resume-protection', json(5), 'body'],
    ['/v1/expiry/resume-protection?now=1', { method: 'POST' }, 'now'],
    ['/v1/expiry?verbose=1', {}, 'verbose'],
  ])('%s refuses what is wrong, and names it (%#)', async (path, init, field) => {
    const { status, type, body } = await api.request(path, init);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    const problem = DOCUMENTS.Problem.parse(body);
    const fields = [...new Set(problem.errors?.map((error) => error.field))];
    expect([problem.type, fields]).toEqual(['/problems/validation', [field]]);
    expect(await released()).toBe(false);
  });

  it.each([
    ['broken JSON', { ...json(''), body: '{' }, 400],
    ['another content type', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }, 415],
    ['a body that is too large', json('x'.repeat(10_000_000)), 413],
  ])('refuses %s', async (_what, init, expected) => {
    const { status, body } = await api.request('/v1/expiry/release', init);
    expect([status, DOCUMENTS.Problem.parse(body).status]).toEqual([expected, expected]);
    expect(await released()).toBe(false);
  });
});
