import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import {
  countLive,
  dueDeadlines,
  fleetSilence,
  type Due,
  type DueDeadline,
  type Queryable,
} from '../../src/runtime/journal/due-deadlines.js';
import { lookAhead, type LookAhead } from '../../src/runtime/journal/look-ahead.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { correlation } from '../support/builders.js';
import { seedNodes, seeds } from '../support/node-rows.js';
import { describeStack } from '../support/stack.js';

const ALL = ['ack', 'liveness', 'degraded'] as const;
const ANY = { kinds: ALL, armedForMs: Infinity };
const LOOK: LookAhead = { kinds: ALL, aheadMs: 10_000, remainingShare: 0, recentMs: null };

describeStack('due deadlines', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(() => database.pool.query('truncate machine_states'));

  const idsOf = (due: readonly { readonly nodeId: string }[]): readonly string[] => due.map(({ nodeId }) => nodeId);

  /** Of all nodes that there are. */
  async function dueOf(asked: Omit<Due, 'nodeIds'>): Promise<readonly DueDeadline[]> {
    const { rows } = await database.pool.query<{ id: string }>('select distinct node_id as id from machine_states');
    return dueDeadlines(database.pool, { ...asked, nodeIds: rows.map(({ id }) => id) });
  }

  it('are those of the kinds that have passed, the longest overdue first', async () => {
    await seedNodes(database.pool, [
      { nodeId: 'late', kind: 'liveness', dueInMs: -1000 },
      { nodeId: 'later', kind: 'ack', dueInMs: -5000 },
      { nodeId: 'latest', kind: 'degraded', dueInMs: -9000 },
      { nodeId: 'in-time', kind: 'ack', dueInMs: 60_000 },
      { nodeId: 'without', kind: null },
      { nodeId: 'reducer', machine: 'reducer' },
    ]);
    expect(idsOf(await dueOf(ANY))).toEqual(['latest', 'later', 'late']);
    expect(idsOf(await dueOf({ ...ANY, kinds: ['ack', 'degraded'] }))).toEqual(['latest', 'later']);
    const asked = { ...ANY, nodeIds: ['later', 'in-time', 'nobody'] };
    expect(idsOf(await dueDeadlines(database.pool, asked))).toEqual(['later']);
  });

  it('tell the deadline to the millisecond, as its row has it, and the correlation of the workflow', async () => {
    await seedNodes(database.pool, [{ nodeId: 'a', kind: 'ack' }]);
    const { rows } = await database.pool.query<{ at: string }>(
      `select to_char(deadline_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from machine_states`,
    );
    expect(await dueOf(ANY)).toEqual([{ nodeId: 'a', kind: 'ack', at: rows[0]!.at, correlationId: correlation(1) }]);
  });

  it('are bound by how long they were armed for', async () => {
    await seedNodes(database.pool, [
      { nodeId: 'short', afterMs: 30_000, dueInMs: -2000 },
      { nodeId: 'long', afterMs: 60_000 },
    ]);
    const armedFor = async (armedForMs: number) => idsOf(await dueOf({ ...ANY, armedForMs }));
    expect(await armedFor(0)).toEqual([]);
    expect(await armedFor(29_999.9)).toEqual([]);
    expect(await armedFor(30_000)).toEqual(['short']);
    expect(await armedFor(59_999)).toEqual(['short']);
    expect(await armedFor(60_000)).toEqual(['short', 'long']);
    expect(await armedFor(Infinity)).toEqual(['short', 'long']);
  });

  it('are seen to come, with the time that they were armed for', async () => {
    await seedNodes(database.pool, [
      { nodeId: 'overdue', dueInMs: -1000, afterMs: 50_000 },
      { nodeId: 'soon', kind: 'ack', dueInMs: 9000 },
      { nodeId: 'share', dueInMs: 90_000, afterMs: 300_000 },
      { nodeId: 'later', kind: 'degraded', dueInMs: 150_000, afterMs: 20_000 },
      { nodeId: 'not-begun', kind: 'ack' },
      { nodeId: 'without', kind: null },
      { nodeId: 'expired', status: 'liveness_expired', kind: null },
      { nodeId: 'elsewhere', machine: 'reducer' },
    ]);
    await database.pool.query(`update machine_states set deadline_at = null where node_id = 'not-begun'`);
    const look = await lookAhead(database.pool, LOOK);
    expect(look).toMatchObject({ armed: 5, shortestMs: 20_000, expired: 0 });
    expect(idsOf(look.upcoming).toSorted()).toEqual(['overdue', 'soon']);
    const { rows } = await database.pool.query<{ at: Date }>(
      `select deadline_at as at from machine_states where node_id = 'overdue'`,
    );
    const [{ at } = { at: null }] = rows;
    expect(look.upcoming.find(({ nodeId }) => nodeId === 'overdue')).toEqual({
      nodeId: 'overdue',
      at: at?.getTime(),
      afterMs: 50_000,
    });
    expect(look.clock - at!.getTime()).toBeGreaterThanOrEqual(1000);
    const further = await lookAhead(database.pool, {
      ...LOOK,
      kinds: ['liveness'],
      remainingShare: 0.3,
      recentMs: 60_000,
    });
    expect(further).toMatchObject({ armed: 2, shortestMs: 50_000, expired: 1 });
    expect(idsOf(further.upcoming).toSorted()).toEqual(['overdue', 'share']);
  });

  it('tell how much of the fleet is silent', async () => {
    await seedNodes(database.pool, [
      ...seeds(4, 'overdue', { dueInMs: -1 }),
      // A third of 30 s is left at 10 s; a minute stands between these and the bounds.
      ...seeds(3, 'silent', { dueInMs: 90_000, afterMs: 300_000 }),
      ...seeds(2, 'talking', { dueInMs: 210_000, afterMs: 300_000 }),
      ...seeds(5, 'awaiting', { status: 'awaiting_ack', kind: 'ack' }),
      ...seeds(6, 'waived', { kind: null }),
      ...seeds(7, 'expired', { status: 'liveness_expired', kind: null, updatedMsAgo: 1000 }),
      ...seeds(8, 'long-gone', { status: 'liveness_expired', kind: null, updatedMsAgo: 600_000 }),
      ...seeds(1, 'elsewhere', { machine: 'reducer' }),
    ]);
    const silence = (remainingShare: number) => fleetSilence(database.pool, { remainingShare, recentMs: 300_000 });
    expect(await silence(0.5)).toEqual({ live: 9, silent: 7, expired: 7 });
    expect(await silence(0)).toEqual({ live: 9, silent: 4, expired: 7 });
    expect(await silence(1)).toEqual({ live: 9, silent: 9, expired: 7 });
    expect(await countLive(database.pool)).toBe(9);
  });

  it('of an empty fleet are none', async () => {
    expect(await fleetSilence(database.pool, { remainingShare: 0.5, recentMs: 1 })).toEqual({
      live: 0,
      silent: 0,
      expired: 0,
    });
    expect(await countLive(database.pool)).toBe(0);
    expect(await dueOf(ANY)).toEqual([]);
    expect(await lookAhead(database.pool, LOOK)).toMatchObject({
      armed: 0,
      shortestMs: null,
      expired: 0,
      upcoming: [],
    });
  });

  describe('in a fleet of thousands', () => {
    beforeEach(async () => {
      await seedNodes(database.pool, [
        ...seeds(900, 'live', { dueInMs: 20_000 }),
        ...seeds(20, 'silent'),
        ...seeds(20, 'unacked', { status: 'awaiting_ack', kind: 'ack' }),
        ...seeds(999, 'waived', { kind: null }),
        ...seeds(999, 'gone', { status: 'deregistered', kind: null }),
        ...seeds(999, 'desired', { machine: 'reducer', kind: null }),
        ...seeds(999, 'wanted', { machine: 'reducer', kind: null }),
      ]);
      await database.pool.query('analyse machine_states');
    });

    /** Nodes of the plan of what the question asks, as `Index Scan machine_states_pkey`. */
    async function planOf(question: (database: Queryable) => Promise<unknown>): Promise<readonly string[]> {
      const plans: string[] = [];
      const explaining = {
        query: async (text: string, values?: unknown[]) => {
          const { rows } = await database.pool.query<{ 'QUERY PLAN': unknown }>(
            `explain (format json) ${text}`,
            values,
          );
          const plan = JSON.stringify(rows);
          for (const [, scan] of plan.matchAll(/"Node Type":"([A-Za-z ]*Scan)"/g)) plans.push(scan!);
          for (const [, index] of plan.matchAll(/"Index Name":"(\w+)"/g)) plans.push(index!);
          return { rows: [{}] };
        },
      } as unknown as Queryable;
      // The answer is that of an explanation, and of no use to who asked.
      await question(explaining).catch(() => undefined);
      return plans;
    }

    it.each<[string, (database: Queryable) => Promise<unknown>]>([
      ['acks to come', (asked) => lookAhead(asked, { ...LOOK, kinds: ['ack', 'degraded'] })],
      ['silence to come', (asked) => lookAhead(asked, { ...LOOK, kinds: ['liveness'] })],
      ['the size of the fleet', countLive],
      ['the silence of the fleet', (asked) => fleetSilence(asked, { remainingShare: 0.3, recentMs: 30_000 })],
    ])('finds %s by the index of deadlines', async (_, question) => {
      const plan = await planOf(question);
      expect(plan).toContain('machine_states_by_deadline_kind');
      expect(plan).not.toContain('Seq Scan');
    });
  });
});
