import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { dueDeadlines } from '../../src/runtime/journal/due-deadlines.js';
import { Journal } from '../../src/runtime/journal/journal.js';
import type { StateChange } from '../../src/runtime/journal/rows.js';
import type { Announced } from '../../src/runtime/journal/start-deadlines.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { correlation, id } from '../support/builders.js';
import { describeStack, until } from '../support/stack.js';

type Row = { version: number; deadline_kind: string | null; deadline_at: Date | null; now: Date };

const AFTER_MS = 40_000;
const STATE = { status: 'awaiting_ack', correlationId: correlation(1) };

describeStack('starting deadlines', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;
  let journal: Journal;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
    journal = new Journal(database);
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('truncate machine_states, journal');
    await store({ nodeId: 'a', announcedBy: id(1) }, { nodeId: 'b', announcedBy: id(2) });
  });

  const store = (...rows: readonly (Pick<StateChange, 'nodeId'> & Partial<StateChange>)[]) =>
    journal.transact({ inputs: [], machines: [], looksAtDeadlines: false }, () => ({
      entries: [],
      read: [],
      changes: rows.map((row) => ({
        machine: 'orchestrator',
        expectedVersion: 0,
        version: 1,
        status: 'awaiting_ack',
        state: STATE,
        text: JSON.stringify(STATE),
        deadline: { kind: 'ack' as const, afterMs: AFTER_MS },
        announcedBy: null,
        ...row,
      })),
    }));

  const start = (...announced: readonly (readonly [nodeId: string, n: number])[]) =>
    journal.startDeadlines(
      announced.map(([nodeId, n]): Announced => ({ machine: 'orchestrator', nodeId, eventId: id(n) })),
    );

  async function rowOf(nodeId: string): Promise<Row> {
    const { rows } = await database.pool.query<Row>(
      `select version, deadline_kind, deadline_at, clock_timestamp() as now
       from machine_states where machine = 'orchestrator' and node_id = $1`,
      [nodeId],
    );
    return rows[0]!;
  }

  it('gives the whole time from then on, to those whose outputs are in the log', async () => {
    expect(await rowOf('a')).toMatchObject({ deadline_kind: 'ack', deadline_at: null });
    const { now: before } = await rowOf('a');
    await start(['a', 1], ['nobody', 1]);
    const { deadline_at: at, now: after, version } = await rowOf('a');
    expect(at!.getTime()).toBeGreaterThan(before.getTime() + AFTER_MS);
    expect(at!.getTime()).toBeLessThanOrEqual(after.getTime() + AFTER_MS + 1);
    expect(version).toBe(1);
    expect((await rowOf('b')).deadline_at).toBeNull();
  });

  it('gives no more time when it is told again', async () => {
    await start(['a', 1]);
    const { deadline_at: first } = await rowOf('a');
    await start(['a', 1], ['a', 1]);
    expect((await rowOf('a')).deadline_at).toEqual(first);
  });

  it('leaves alone what a later step has set: that waits for outputs of its own', async () => {
    await store({ nodeId: 'a', expectedVersion: 1, version: 2, announcedBy: id(3) });
    await start(['a', 1]);
    expect((await rowOf('a')).deadline_at).toBeNull();
    await start(['a', 1], ['a', 3], ['b', 2]);
    expect((await rowOf('a')).deadline_at).not.toBeNull();
    expect((await rowOf('b')).deadline_at).not.toBeNull();
  });

  it('begins behind a step that keeps the deadline', async () => {
    await store({ nodeId: 'a', expectedVersion: 1, version: 2, deadline: 'keep' });
    await start(['a', 1]);
    expect((await rowOf('a')).deadline_at).not.toBeNull();
  });

  it('does nothing to a node that owes nothing any more', async () => {
    await store({ nodeId: 'a', expectedVersion: 1, version: 2, deadline: null });
    await start(['a', 1]);
    expect(await rowOf('a')).toMatchObject({ deadline_kind: null, deadline_at: null });
  });

  it('decides by what a step that it had to wait for has left', async () => {
    const step = await database.pool.connect();
    try {
      await step.query('begin');
      await step.query(`update machine_states set deadline_announced_by = $1 where node_id = 'a'`, [id(4)]);
      const waiting = start(['a', 1], ['b', 2]);
      const locked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await database.pool.query(locked)).rows.length > 0, { what: 'a statement that waits' });
      await step.query('commit');
      await waiting;
    } finally {
      step.release();
    }
    expect((await rowOf('a')).deadline_at).toBeNull();
    expect((await rowOf('b')).deadline_at).not.toBeNull();
  });

  it('is what the scan for deadlines waits for', async () => {
    await store({ nodeId: 'c', deadline: { kind: 'ack', afterMs: 0 }, announcedBy: id(5) });
    const due = () => dueDeadlines(database.pool, { kinds: ['ack'], armedForMs: Infinity, nodeIds: ['c'] });
    expect(await due()).toEqual([]);
    await start(['c', 5]);
    const armed = await until(
      async () => {
        const [first] = await due();
        return first;
      },
      { what: 'a deadline that is due' },
    );
    expect(armed).toMatchObject({ nodeId: 'c', kind: 'ack', at: (await rowOf('c')).deadline_at!.toISOString() });
  });
});
