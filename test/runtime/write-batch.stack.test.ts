import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { Journal } from '../../src/runtime/journal/journal.js';
import { pinnedKeys } from '../../src/runtime/journal/pinned-keys.js';
import { agreeOnRegistryKey } from '../../src/runtime/journal/registry-key.js';
import { rowKey, type MachineEntry, type ReadRow, type StateChange } from '../../src/runtime/journal/rows.js';
import { ConcurrentStep, type Written } from '../../src/runtime/journal/transact.js';
import { writeBatch } from '../../src/runtime/journal/write-batch.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { at, id, KEY, OTHER_KEY } from '../support/builders.js';
import { describeStack, until } from '../support/stack.js';

type Row = {
  machine: string;
  node_id: string;
  version: number;
  state: string;
  deadline_kind: string | null;
  deadline_at: Date | null;
  deadline_announced_by: string | null;
  last_heartbeat_at: Date | null;
};

const MACHINE = 'orchestrator';

function change(nodeId: string, version: number, fields: Partial<StateChange> = {}): StateChange {
  const state = { status: 'active', team: `${nodeId} ü😀"\\ at ${version}` };
  return {
    ...{ machine: MACHINE, nodeId, expectedVersion: version - 1, version, status: 'active', state },
    ...{ text: JSON.stringify(state), deadline: 'keep', announcedBy: null },
    ...fields,
  };
}

function entry(nodeId: string, n: number, fields: Partial<MachineEntry> = {}): MachineEntry {
  return {
    ...{ machine: MACHINE, nodeId, eventId: id(n), version: n, eventType: 'NODE_INTROSPECTION' },
    ...{ input: `{ "n":${n}, "team":"ü😀" }`, context: null, rule: 'begin_attempt', fromStatus: 'none' },
    ...{ path: 'none > active', toStatus: 'active', stateAfter: '{"b":1,"a":2}', outputs: '[]' },
    ...{ correlationId: id(1), causationId: null, occurredAt: at(n), contractVersion: '1.0.0' },
    ...fields,
  };
}

const read = (nodeId: string, version: number): ReadRow => ({ machine: MACHINE, nodeId, version });

describeStack('writing a batch', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('truncate machine_states, journal');
    await write({ changes: [change('a', 1), change('b', 1)], entries: [entry('a', 1), entry('b', 1)] });
  });

  const write = (written: Partial<Written>) =>
    writeBatch(database.planned, { changes: [], read: [], entries: [], ...written });

  async function rowsNow(): Promise<readonly Row[]> {
    const { rows } = await database.pool.query<Row>(
      `select machine, node_id, version, state::text as state, deadline_kind, deadline_at, deadline_announced_by,
         last_heartbeat_at
       from machine_states order by machine, node_id`,
    );
    return rows;
  }

  const rowOf = async (nodeId: string) => (await rowsNow()).find(({ node_id: other }) => other === nodeId)!;

  /** Versions by node, and ids in the journal. */
  async function tables(): Promise<readonly [Readonly<Record<string, number>>, readonly string[]]> {
    const { rows } = await database.pool.query<{ name: string }>(
      `select node_id || ' ' || right(event_id::text, 1) as name from journal order by 1`,
    );
    const versions = (await rowsNow()).map((row) => [row.node_id, row.version] as const);
    return [Object.fromEntries(versions), rows.map(({ name }) => name)];
  }

  it('stores new rows, rows that move, and entries, each text byte for byte', async () => {
    const full = entry('c', 3, {
      ...{ machine: 'reducer', context: '{ "lastHeartbeatAt":null }', causationId: id(9), stateAfter: null },
      outputs: '[ {"topic":"x"} ]',
    });
    await write({ changes: [change('a', 2), change('c', 1)], entries: [entry('a', 2), full] });
    expect(await tables()).toEqual([{ a: 2, b: 1, c: 1 }, ['a 1', 'a 2', 'b 1', 'c 3']]);
    expect((await rowOf('a')).state).toBe(change('a', 2).text);
    const { rows } = await database.pool.query(
      `select machine, node_id as "nodeId", event_id as "eventId", version, event_type as "eventType", input::text,
         context::text, rule, from_status as "fromStatus", path, to_status as "toStatus",
         state_after::text as "stateAfter", outputs::text, correlation_id as "correlationId",
         causation_id as "causationId", occurred_at as "occurredAt", contract_version as "contractVersion"
       from journal where node_id = 'c'`,
    );
    expect(rows).toEqual([{ ...full, occurredAt: new Date(full.occurredAt) }]);
  });

  it.each<[string, object, readonly [string | null, readonly string[] | null]]>([
    ['a record', { record: { nodeType: 'effect', capabilityTags: ['b', 'ü "{}\\', 'a,b', 'null', ''] } }, ['effect', ['b', 'ü "{}\\', 'a,b', 'null', '']]], // prettier-ignore
    ['a record without tags', { record: { nodeType: '', capabilityTags: [] } }, ['', []]],
    ['a record of somebody else', { desired: { record: { nodeType: 'effect', capabilityTags: ['a'] } } }, [null, null]],
    ['none', { record: null }, [null, null]],
  ])('stores what nodes are found by, of a state with %s', async (_, fields, [nodeType, tags]) => {
    const state = { status: 'active', ...fields };
    await write({ changes: [change('a', 2, { state }), change('c', 1, { state })] });
    const { rows } = await database.pool.query(
      `select node_type, capability_tags from machine_states where node_id in ('a', 'c')`,
    );
    expect(rows).toEqual([1, 2].map(() => ({ node_type: nodeType, capability_tags: tags })));
  });

  it('stores the key of a node beside its state, and tells it', async () => {
    const keyed = (version: number, publicKey?: string) =>
      change('a', version, { state: { status: 'active', ...(publicKey && { publicKey }) } });
    const known = () => pinnedKeys(database.planned, MACHINE, ['a', 'b', 'c']);
    expect(await known()).toEqual(new Map([['a', null], ['b', null]])); // prettier-ignore
    await write({ changes: [keyed(2, KEY)] });
    expect(await known()).toEqual(new Map([['a', KEY], ['b', null]])); // prettier-ignore
    await write({
      changes: [keyed(3, OTHER_KEY), change('c', 1, { state: { status: 'active', publicKey: KEY } as never })],
    });
    expect(await known()).toEqual(new Map([['a', OTHER_KEY], ['b', null], ['c', KEY]])); // prettier-ignore
    expect(await pinnedKeys(database.planned, 'reducer', ['a'])).toEqual(new Map());
  });

  it('keeps one key of the registry, whoever comes first with his', async () => {
    const offered = Array.from({ length: 8 }, (_, n) => `key ${n}`);
    const agreed = await Promise.all(offered.map((key) => agreeOnRegistryKey(database.pool, key)));
    expect(new Set(agreed).size).toBe(1);
    expect(offered).toContain(agreed[0]);
    expect(await agreeOnRegistryKey(database.pool, 'another')).toBe(agreed[0]);
  });

  it('refuses an input that is nested deeper than the server can read, and reads all that it takes', async () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    await expect(write({ entries: [entry('a', 2, { input: nested(100_000) })] })).rejects.toMatchObject({
      code: '54001',
    });
    const input = nested(2048);
    await write({
      entries: [entry('a', 2, { input }), entry('a', 3, { input: ` ${JSON.stringify('x'.repeat(9000))}` })],
    });
    const { rows } = await database.pool.query<{ levels: string }>(
      `select json_array_element(input::json, 0)::text as levels from journal where event_id = $1`,
      [id(2)],
    );
    expect(rows).toEqual([{ levels: nested(2047) }]);
  });

  it('stays in its page (HOT) where status and deadline stay', async () => {
    // A connection tells the server of its updates up to ten seconds later: those of the tests before would be counted, too.
    const own = await createStateDatabase();
    await writeBatch(own.database.planned, { changes: [change('a', 1)], read: [], entries: [] });
    const client = await own.database.pool.connect();
    const updates = async () => {
      await client.query('select pg_stat_force_next_flush()');
      const { rows } = await client.query<{ all: number; hot: number }>(
        `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'machine_states'`,
      );
      return rows[0]!;
    };
    const steps = async (from: number, fields: (version: number) => Partial<StateChange>) => {
      const before = await updates();
      for (let version = from; version < from + 10; version++) {
        await writeBatch(client, { changes: [change('a', version, fields(version))], read: [], entries: [] });
      }
      const after = await updates();
      return { all: after.all - before.all, hot: after.hot - before.hot };
    };
    try {
      expect(await steps(2, () => ({}))).toEqual({ all: 10, hot: 10 });
      expect(await steps(12, (version) => ({ status: `status ${version}` }))).toEqual({ all: 10, hot: 0 });
    } finally {
      client.release();
      await own.drop();
    }
  });

  it('stores one node of two machines apart', async () => {
    await write({ changes: [change('a', 2), change('a', 1, { machine: 'reducer' })] });
    expect((await rowsNow()).map(({ machine, node_id: nodeId, version }) => [machine, nodeId, version])).toEqual([
      ['orchestrator', 'a', 2],
      ['orchestrator', 'b', 1],
      ['reducer', 'a', 1],
    ]);
  });

  it('stores entries alone, where nothing changed', async () => {
    await write({ read: [read('a', 1)], entries: [entry('a', 2)] });
    expect(await tables()).toEqual([{ a: 1, b: 1 }, ['a 1', 'a 2', 'b 1']]);
  });

  it.each<[string, Partial<Written>]>([
    ['a row that has moved on', { changes: [change('a', 3)] }],
    ['a row that is not there', { changes: [change('x', 2)] }],
    ['a new row that is there', { changes: [change('a', 1)] }],
    ['a row that was only read, and has moved on', { read: [read('a', 2)] }],
    ['a row that was only read, and is not there', { read: [read('x', 1)] }],
    ['an input that was decided before', { entries: [entry('a', 1)] }],
  ])('stores nothing at all where it meets %s', async (_, { changes = [], ...rest }) => {
    const before = await tables();
    const batch = {
      changes: [...changes, change('b', 2), change('new', 1)],
      entries: [entry('b', 2), entry('new', 1)],
    };
    const entries = [...batch.entries, ...(rest.entries ?? [])];
    await expect(write({ ...batch, read: rest.read ?? [], entries })).rejects.toBeInstanceOf(ConcurrentStep);
    expect(await tables()).toEqual(before);
    await write(batch.changes.length === 2 ? batch : { ...batch, changes: batch.changes.slice(1) });
    expect((await tables())[0]).toEqual({ a: 1, b: 2, new: 1 });
  });

  describe('a deadline', () => {
    const armed = { kind: 'ack', afterMs: 40_000 } as const;

    it('that nobody is told of begins at once, by the clock of the database', async () => {
      await write({ changes: [change('a', 2, { deadline: armed })] });
      const { rows } = await database.pool.query<{ left: number }>(
        `select extract(epoch from deadline_at - clock_timestamp()) * 1000 as left from machine_states where node_id = 'a'`,
      );
      expect(Number(rows[0]?.left)).toBeGreaterThan(10_000);
      expect(Number(rows[0]?.left)).toBeLessThanOrEqual(armed.afterMs);
    });

    it('that an output tells of is armed, and waits', async () => {
      await write({
        changes: [
          change('a', 2, { deadline: armed, announcedBy: id(2) }),
          change('c', 1, { deadline: armed, announcedBy: id(3) }),
        ],
      });
      expect(await rowsNow()).toMatchObject([
        { deadline_kind: 'ack', deadline_at: null, deadline_announced_by: id(2) },
        { deadline_kind: null },
        { deadline_kind: 'ack', deadline_at: null, deadline_announced_by: id(3) },
      ]);
    });

    it('is kept by a step that keeps it, with the heartbeats that were heard since', async () => {
      await write({ changes: [change('a', 2, { deadline: { kind: 'liveness', afterMs: 40_000 } })] });
      const moved = `update machine_states set deadline_at = deadline_at + interval '1 s', last_heartbeat_at = $1 where node_id = 'a'`;
      await database.pool.query(moved, [at(5)]);
      const { deadline_at: deadlineAt } = await rowOf('a');
      await write({ changes: [change('a', 3)] });
      expect(await rowOf('a')).toMatchObject({
        ...{ version: 3, deadline_kind: 'liveness', deadline_at: deadlineAt, last_heartbeat_at: new Date(at(5)) },
      });
    });

    it('is taken away by a step that has none', async () => {
      await write({ changes: [change('a', 2, { deadline: armed })] });
      await write({ changes: [change('a', 3, { deadline: null })] });
      expect(await rowOf('a')).toMatchObject({ deadline_kind: null, deadline_at: null });
    });
  });

  it('meets a row that a heartbeat moves at this very moment: what both have written stands', async () => {
    const journal = new Journal(database);
    await write({ changes: [change('a', 2, { deadline: { kind: 'liveness', afterMs: 40_000 } })] });
    const heartbeat = await database.pool.connect();
    try {
      await heartbeat.query('begin');
      await heartbeat.query(`update machine_states set last_heartbeat_at = $1 where node_id = 'a'`, [at(5)]);
      const inputs = [{ machine: MACHINE, nodeId: 'a', eventId: id(3) }];
      const step = journal.transact({ inputs, machines: [MACHINE], looksAtDeadlines: false }, ({ rows }) => {
        const version = (rows.get(rowKey(MACHINE, 'a'))?.version ?? 0) + 1;
        return { changes: [change('a', version)], read: [], entries: [entry('a', 3)] };
      });
      const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await database.pool.query(waits)).rows.length > 0, { what: 'a statement that waits' });
      await heartbeat.query('commit');
      await step;
    } finally {
      heartbeat.release();
    }
    expect(await rowOf('a')).toMatchObject({
      ...{ version: 3, deadline_kind: 'liveness', last_heartbeat_at: new Date(at(5)) },
    });
    expect((await tables())[1]).toEqual(['a 1', 'a 3', 'b 1']);
  });
});
