import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { extendDeadlines } from '../../src/runtime/journal/extend-deadlines.js';
import { Journal } from '../../src/runtime/journal/journal.js';
import type { StateChange } from '../../src/runtime/journal/rows.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { at, heartbeat } from '../support/builders.js';
import { machineNamed } from '../support/machines.js';
import { describeStack, until } from '../support/stack.js';
import { orchestrate, RESTS } from '../support/workflow.js';

type Name = keyof typeof RESTS;
const NAMES = Object.keys(RESTS) as readonly Name[];
const LIVENESS = { kind: 'liveness', statuses: machineNamed('orchestrator').statusesThatMoveColumns('NODE_HEARTBEAT') };

type Row = {
  status: string;
  version: number;
  state: string;
  deadline_kind: string | null;
  deadline_after_ms: number | null;
  deadline_at: Date | null;
  last_heartbeat_at: Date | null;
  updated_at: Date;
};

describeStack('extending deadlines', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('truncate machine_states, journal');
    await restIn(NAMES.map((name) => [name, name]));
  });

  /** Nodes in the states, as the lane stores them. */
  async function restIn(nodes: readonly (readonly [nodeId: string, name: Name])[], where = database): Promise<void> {
    const changes = nodes.map(([nodeId, name]): StateChange => {
      const { state: workflow, armed } = RESTS[name];
      return {
        machine: 'orchestrator',
        nodeId,
        expectedVersion: 0,
        version: workflow.workflowVersion,
        status: workflow.status,
        state: workflow,
        text: JSON.stringify(workflow),
        deadline: armed,
        announcedBy: null,
      };
    });
    const wanted = { inputs: [], machines: [], looksAtDeadlines: false };
    await new Journal(where).transact(wanted, () => ({ changes, read: [], entries: [] }));
  }

  const extend = (...signs: readonly (readonly [nodeId: string, at: string])[]) =>
    extendDeadlines(
      database.pool,
      'orchestrator',
      LIVENESS,
      signs.map(([nodeId, when]) => ({ nodeId, at: Date.parse(when) })),
    );

  async function rowOf(nodeId: string): Promise<Row> {
    const { rows } = await database.pool.query<Row>(
      `select status, version, state::text, deadline_kind, deadline_after_ms, deadline_at, last_heartbeat_at, updated_at
       from machine_states where machine = 'orchestrator' and node_id = $1`,
      [nodeId],
    );
    return rows[0]!;
  }

  async function clock(): Promise<number> {
    const { rows } = await database.pool.query<{ now: Date }>(
      `select date_trunc('milliseconds', clock_timestamp()) as now`,
    );
    return rows[0]!.now.getTime();
  }

  describe('agrees with the handler of heartbeats', () => {
    it.each(NAMES)('on %s', async (name) => {
      const step = orchestrate(RESTS[name].state, heartbeat(50));
      const before = await rowOf(name);
      const earliest = await clock();
      const rest = await extend([name, at(50)]);
      const latest = await clock();
      const { deadline_at: deadline, last_heartbeat_at: heard, ...others } = await rowOf(name);
      const { deadline_at: deadlineBefore, last_heartbeat_at: heardBefore, ...othersBefore } = before;
      expect(others).toEqual(othersBefore);
      if (step.rule === 'extend_liveness') {
        if (step.deadline === null || step.deadline === 'keep') throw new Error('an extension arms a deadline');
        expect(rest).toEqual([]);
        expect([others.deadline_kind, others.deadline_after_ms]).toEqual([step.deadline.kind, step.deadline.afterMs]);
        expect(deadline!.getTime()).toBeGreaterThanOrEqual(earliest + step.deadline.afterMs);
        expect(deadline!.getTime()).toBeLessThanOrEqual(latest + step.deadline.afterMs);
        expect(heard?.toISOString()).toBe(at(50));
      } else {
        expect(rest).toEqual([{ nodeId: name, status: RESTS[name].state.status }]);
        expect([deadline, heard]).toEqual([deadlineBefore, heardBefore]);
        expect(machineNamed('orchestrator').ignoredReason(before.status, 'NODE_HEARTBEAT')).toBe(step.ignored);
      }
    });

    it('on a node that nothing is known of', async () => {
      const { ignored } = orchestrate(null, heartbeat(50));
      expect(await extend(['nobody', at(50)])).toEqual([{ nodeId: 'nobody', status: null }]);
      expect(machineNamed('orchestrator').ignoredReason(null, 'NODE_HEARTBEAT')).toBe(ignored);
    });

    it('and both kinds are among the samples', () => {
      const rules = NAMES.map((name) => orchestrate(RESTS[name].state, heartbeat(50)).rule);
      expect(new Set(rules)).toEqual(
        new Set(['extend_liveness', 'ignore_too_early', 'ignore_terminal', 'ignore_duplicate']),
      );
    });
  });

  it('does all of a batch in one statement, and writes nothing into the journal', async () => {
    const rest = await extend(
      ['active', at(50)],
      ['nobody', at(51)],
      ['deregistered', at(52)],
      ['activeDegraded', at(53)],
    );
    expect([...rest].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1))).toEqual([
      { nodeId: 'deregistered', status: 'deregistered' },
      { nodeId: 'nobody', status: null },
    ]);
    expect((await rowOf('activeDegraded')).last_heartbeat_at?.toISOString()).toBe(at(53));
    expect(await extend()).toEqual([]);
    const { rows } = await database.pool.query('select from journal');
    expect(rows).toEqual([]);
  });

  it('never lets the last heartbeat go back', async () => {
    await extend(['active', at(50)]);
    const { deadline_at: first } = await rowOf('active');
    await extend(['active', at(40)]);
    const { deadline_at: second, last_heartbeat_at: heard } = await rowOf('active');
    expect(heard?.toISOString()).toBe(at(50));
    expect(second!.getTime()).toBeGreaterThanOrEqual(first!.getTime());
  });

  it('decides by what a step that it had to wait for has left', async () => {
    const step = await database.pool.connect();
    try {
      await step.query('begin');
      await step.query(
        `update machine_states set status = 'deregistering', deadline_kind = null, deadline_at = null, deadline_after_ms = null
         where node_id = 'active'`,
      );
      const waiting = extend(['active', at(50)], ['activeDegraded', at(50)]);
      await waitsForLock();
      await step.query('commit');
      expect(await waiting).toEqual([{ nodeId: 'active', status: 'deregistering' }]);
    } finally {
      step.release();
    }
    expect(await rowOf('active')).toMatchObject({ deadline_at: null, last_heartbeat_at: null });
  });

  it('does not undo a deadline that a step has armed meanwhile for another time', async () => {
    const step = await database.pool.connect();
    try {
      await step.query('begin');
      await step.query(`update machine_states set deadline_after_ms = 3600000 where node_id = 'active'`);
      const waiting = extend(['active', at(50)]);
      await waitsForLock();
      await step.query('commit');
      expect(await waiting).toEqual([]);
    } finally {
      step.release();
    }
    expect((await rowOf('active')).deadline_at!.getTime() - (await clock())).toBeGreaterThan(3_000_000);
  });

  function waitsForLock(): Promise<unknown> {
    const question = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return until(async () => (await database.pool.query(question)).rows.length > 0, { what: 'a statement that waits' });
  }

  it('stays in its page (HOT), as long as no index knows what moves', async () => {
    const nodes = Array.from({ length: 60 }, (_, n) => `node-${n}`);
    // A connection tells the server of its updates up to ten seconds later: those of the tests before would be counted, too.
    const own = await createStateDatabase();
    await restIn(
      nodes.map((nodeId) => [nodeId, 'active']),
      own.database,
    );
    const client = await own.database.pool.connect();
    try {
      const usual = await rounds();
      expect(usual.all).toBe(180);
      // A page may just be full; it is cleared by a later update, as soon as nothing else looks at what was there before.
      expect(usual.hot).toBeGreaterThan(60);
      await client.query('create index planted on machine_states (deadline_at)');
      expect(await rounds()).toEqual({ all: 180, hot: 0 });
    } finally {
      client.release();
      await own.drop();
    }

    async function rounds(): Promise<{ all: number; hot: number }> {
      const before = await updates();
      for (let round = 0; round < 3; round++) {
        for (const nodeId of nodes) {
          await extendDeadlines(client, 'orchestrator', LIVENESS, [{ nodeId, at: Date.parse(at(50 + round)) }]);
        }
      }
      const after = await updates();
      return { all: after.all - before.all, hot: after.hot - before.hot };
    }

    async function updates(): Promise<{ all: number; hot: number }> {
      await client.query('select pg_stat_force_next_flush()');
      const { rows } = await client.query<{ all: number; hot: number }>(
        `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'machine_states'`,
      );
      return rows[0]!;
    }
  });
});
