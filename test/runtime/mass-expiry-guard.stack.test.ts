import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Message } from '../../src/messages/index.js';
import { expiryProbe } from '../../src/runtime/deadlines/expiry-health.js';
import { MassExpiryGuard } from '../../src/runtime/deadlines/mass-expiry-guard.js';
import { createLog, type Database } from '../../src/runtime/index.js';
import { deadlineStore } from '../../src/runtime/journal/deadline-store.js';
import type { FleetSilence } from '../../src/runtime/journal/due-deadlines.js';
import { readGuard } from '../../src/runtime/journal/expiry-guard.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { messageIn, REGISTRY_ID } from '../support/machines.js';
import { seedNodes, seeds, speak } from '../support/node-rows.js';
import { describeStack } from '../support/stack.js';
import { TIMINGS } from '../support/workflow.js';

const TIMES = { ...TIMINGS, heartbeatIntervalMs: 100_000, livenessWindowMs: 300_000 };
const FAR = { dueInMs: 290_000, afterMs: 300_000 };
const DUE = { dueInMs: -1000, afterMs: 300_000 };

type Told = Message<'REGISTRY_EXPIRY_HELD' | 'REGISTRY_EXPIRY_RESUMED'>;

describeStack('mass-expiry protection', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;
  let published: OutgoingRecord[];
  /** How often the log fails, before a publish and after it. */
  let failures: { before: number; after: number };
  let guard: MassExpiryGuard;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('truncate machine_states, expiry_guard');
    await database.pool.query('insert into expiry_guard default values');
    published = [];
    failures = { before: 0, after: 0 };
    guard = newGuard();
  });

  function newGuard(): MassExpiryGuard {
    return new MassExpiryGuard({
      massExpiry: { share: 0.3, minNodes: 10 },
      registryId: REGISTRY_ID,
      publish: (records) => {
        if (failures.before-- > 0) return Promise.reject(new Error('the log is away'));
        published.push(...records);
        return failures.after-- > 0 ? Promise.reject(new Error('the answer got lost')) : Promise.resolve([]);
      },
      log: createLog('silent'),
    });
  }

  const admits = (anyDue = true, by = guard, atMost: FleetSilence | null = null): Promise<boolean> =>
    by.admits(deadlineStore(database.pool), TIMES, anyDue, atMost);
  const told = (): readonly Told[] => published.map((record) => messageIn(record) as Told);
  const row = () => readGuard(database.pool);
  const release = (interval: string) =>
    database.pool.query(`update expiry_guard set released_until = now() + $1::interval`, [interval]);
  /** 40 of 100 nodes are overdue. */
  const catastrophe = () => seedNodes(database.pool, [...seeds(60, 'talking', FAR), ...seeds(40, 'silent', DUE)]);

  it('lets a few go', async () => {
    await seedNodes(database.pool, [...seeds(70, 'talking', FAR), ...seeds(30, 'silent', DUE)]);
    expect(await admits()).toBe(true);
    expect(published).toEqual([]);
    expect((await row()).heldSince).toBeNull();
  });

  it('counts those that expired within the window', async () => {
    const gone = { status: 'liveness_expired', kind: null };
    await seedNodes(database.pool, [
      ...seeds(70, 'talking', FAR),
      ...seeds(5, 'silent', DUE),
      ...seeds(30, 'gone', { ...gone, updatedMsAgo: 200_000 }),
    ]);
    expect(await admits()).toBe(false);
    expect(await row()).toMatchObject({ expiring: 35, live: 105 });
    await database.pool.query(
      `update machine_states set updated_at = now() - interval '400 s' where node_id like 'gone%'`,
    );
    expect(await admits()).toBe(true);
  });

  it('asks nothing of the fleet while nobody is due', async () => {
    await catastrophe();
    expect(await admits(false)).toBe(true);
    expect(published).toEqual([]);
  });

  it('counts nobody where it is known that few can be silent; and all where more can, or while it holds', async () => {
    await catastrophe();
    const few = { live: 100, silent: 12, expired: 3 };
    expect(await admits(true, guard, few)).toBe(true);
    expect(await admits(true, guard, { ...few, silent: 13 })).toBe(false);
    expect(await admits(true, guard, few)).toBe(false);
  });

  it('holds many back: it is stored and told once, and the numbers stay true', async () => {
    await catastrophe();
    expect([await admits(), await admits(), await admits(false)]).toEqual([false, false, false]);
    const { heldSince, ...held } = await row();
    expect(held).toEqual({ expiring: 40, live: 100, released: false, announcement: null });
    expect(published.map(({ topic, key, headers }) => [topic, key, headers['event_type']])).toEqual([
      ['evt.registry-expiry.v1', REGISTRY_ID, 'REGISTRY_EXPIRY_HELD'],
    ]);
    expect(told()).toMatchObject([
      {
        eventType: 'REGISTRY_EXPIRY_HELD',
        sourceNodeId: REGISTRY_ID,
        causationId: null,
        payload: { nodeId: REGISTRY_ID, heldSince, expiring: 40, live: 100 },
      },
    ]);
    await seedNodes(database.pool, seeds(5, 'silent-too', DUE));
    expect(await admits()).toBe(false);
    expect(await row()).toMatchObject({ heldSince, expiring: 45, live: 105, announcement: null });
    expect(published).toHaveLength(1);
  });

  it('sees who is about to expire, before more than the first is due', async () => {
    await seedNodes(database.pool, [
      ...seeds(60, 'talking', FAR),
      ...seeds(1, 'silent', DUE),
      ...seeds(39, 'fading', { dueInMs: 90_000, afterMs: 300_000 }),
    ]);
    expect(await admits()).toBe(false);
    expect(await row()).toMatchObject({ expiring: 40, live: 100 });
  });

  it('resumes when the nodes speak again, and holds the next time anew', async () => {
    await catastrophe();
    expect(await admits()).toBe(false);
    await speak(database.pool, 'silent-00');
    expect(await admits(false)).toBe(true);
    const [held, resumed] = told();
    expect(resumed).toMatchObject({
      eventType: 'REGISTRY_EXPIRY_RESUMED',
      correlationId: held!.correlationId,
      payload: { heldSince: held!.payload.heldSince, expiring: 30, live: 100 },
    });
    expect(held!.correlationId).toBe(held!.eventId);
    expect(await row()).toEqual({ heldSince: null, expiring: 30, live: 100, released: false, announcement: null });
    expect(await admits(false)).toBe(true);
    expect(published).toHaveLength(2);
    await seedNodes(database.pool, seeds(20, 'silent-again', DUE));
    expect(await admits()).toBe(false);
    expect(new Set(told().map(({ eventId }) => eventId)).size).toBe(3);
  });

  it('lets all go where an operator says so, for as long as that holds', async () => {
    await catastrophe();
    expect(await admits()).toBe(false);
    await release('1 hour');
    expect([await admits(), await admits()]).toEqual([true, true]);
    expect(told().map(({ eventType }) => eventType)).toEqual(['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED']);
    expect(await row()).toMatchObject({ heldSince: null, released: true });
    await release('-1 second');
    expect(await admits()).toBe(false);
  });

  it.each(['before', 'after'] as const)(
    'tells by another leader what its own could not: failed %s the log',
    async (when) => {
      await catastrophe();
      failures[when] = 1;
      await expect(admits()).rejects.toThrow();
      const { announcement, heldSince } = await row();
      expect(announcement).not.toBeNull();
      expect(heldSince).not.toBeNull();
      expect(await admits(true, newGuard())).toBe(false);
      expect(published.map(({ value }) => value)).toEqual(Array(when === 'after' ? 2 : 1).fill(announcement));
      expect(published.at(-1)).toEqual(published[0]);
      expect(await row()).toMatchObject({ heldSince, announcement: null });
    },
  );

  it('tells both changes, in their order, when the log was away in between', async () => {
    await catastrophe();
    failures.before = 1;
    await expect(admits()).rejects.toThrow();
    await release('1 hour');
    expect(await admits()).toBe(true);
    expect(told().map(({ eventType }) => eventType)).toEqual(['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED']);
  });

  describe('shows in health and metric', () => {
    async function seen() {
      const registry = new Registry();
      const probe = expiryProbe(database, new RuntimeMetrics(registry));
      const { status = 'healthy', message, details } = await probe.check();
      const metric = await registry.getSingleMetric('rollcall_expiry_held')?.get();
      return { status, message, details, held: metric?.values[0]?.value };
    }

    it('while it holds, and not once an operator released it', async () => {
      expect(await seen()).toEqual({ status: 'healthy', held: 0 });
      await catastrophe();
      await admits();
      const { heldSince } = await row();
      expect(await seen()).toMatchObject({
        status: 'degraded',
        message: expect.stringContaining('40 of 100 nodes'),
        details: { heldSince, expiring: 40, live: 100 },
        held: 1,
      });
      await release('1 hour');
      expect(await seen()).toEqual({ status: 'healthy', held: 0 });
    });
  });
});
