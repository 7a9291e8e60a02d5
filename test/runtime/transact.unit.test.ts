import { beforeEach, describe, expect, it } from '@jest/globals';
import { entryKey, rowKey, type LoadedRows, type MachineEntry, type NodeRow } from '../../src/runtime/journal/rows.js';
import { StateCache } from '../../src/runtime/journal/state-cache.js';
import {
  ConcurrentStep,
  transact,
  UnstorableData,
  type Lookup,
  type Store,
  type Written,
} from '../../src/runtime/journal/transact.js';

const DEADLINE = { kind: 'ack', at: '2026-11-21T10:00:31.000Z' } as const;

/** Tables that note how they are asked, and refuse what rests on something else than what they hold. */
class Tables implements Store {
  readonly calls: string[] = [];
  readonly lookups: Lookup[] = [];
  readonly rows = new Map<string, NodeRow>();
  readonly outputs = new Map<string, string>();
  /** What goes wrong with the next writes, in their order. */
  readonly failures: Error[] = [];

  load = (lookup: Lookup): Promise<LoadedRows> => {
    this.calls.push('load');
    return Promise.resolve(this.find(lookup));
  };

  write = (written: Written): Promise<void> => {
    this.calls.push('write');
    const failure = this.failures.shift() ?? this.refusal(written);
    if (failure !== null) return Promise.reject(failure);
    this.keep(written);
    return Promise.resolve();
  };

  async inTransaction<T>(work: Parameters<Store['inTransaction']>[0]): Promise<T> {
    this.calls.push('begin');
    const load = (lookup: Lookup) => {
      this.calls.push('lock');
      return Promise.resolve(this.find(lookup));
    };
    const result = await work({ load, write: this.write });
    this.calls.push('commit');
    return result as T;
  }

  /** As another replica does it. */
  keep({ changes, entries }: Pick<Written, 'changes' | 'entries'>): void {
    for (const { machine, nodeId, version, state } of changes) {
      this.rows.set(rowKey(machine, nodeId), { version, state, deadline: DEADLINE, lastHeartbeatAt: null });
    }
    for (const { machine, nodeId, eventId, outputs } of entries)
      this.outputs.set(entryKey(machine, nodeId, eventId), outputs);
  }

  /** How it was asked since the last time. */
  asked(): readonly string[] {
    return this.calls.splice(0);
  }

  private find(lookup: Lookup): LoadedRows {
    this.lookups.push(lookup);
    const keys = lookup.rows.map(({ machine, nodeId }) => rowKey(machine, nodeId));
    const ids = lookup.inputs.map(({ machine, nodeId, eventId }) => entryKey(machine, nodeId, eventId));
    return {
      rows: new Map([...this.rows].filter(([key]) => keys.includes(key))),
      outputs: new Map([...this.outputs].filter(([key]) => ids.includes(key))),
    };
  }

  private refusal({ changes, read, entries }: Written): Error | null {
    const version = (machine: string, nodeId: string) => this.rows.get(rowKey(machine, nodeId))?.version ?? 0;
    const fits =
      changes.every(({ machine, nodeId, expectedVersion }) => version(machine, nodeId) === expectedVersion) &&
      read.every((row) => version(row.machine, row.nodeId) === row.version) &&
      entries.every(({ machine, nodeId, eventId }) => !this.outputs.has(entryKey(machine, nodeId, eventId)));
    return fits ? null : new ConcurrentStep('somebody else was here');
  }
}

type Counted = Written & { readonly row: NodeRow | null; readonly recorded: string | null };

/** A step that counts, unless its input was decided before. */
function count({ rows, outputs }: LoadedRows, nodeId: string, eventId: string, machine = 'm'): Counted {
  const row = rows.get(rowKey(machine, nodeId)) ?? null;
  const recorded = outputs.get(entryKey(machine, nodeId, eventId)) ?? null;
  if (recorded !== null) return { row, recorded, changes: [], read: [], entries: [] };
  const expectedVersion = row?.version ?? 0;
  const state = { status: `at ${expectedVersion + 1}` };
  const change = { machine, nodeId, expectedVersion, version: expectedVersion + 1, status: state.status, state };
  return {
    row,
    recorded,
    changes: [{ ...change, text: JSON.stringify(state), deadline: null, announcedBy: null }],
    read: [],
    entries: [{ machine, nodeId, eventId, outputs: `of ${eventId}` } as MachineEntry],
  };
}

describe('a transaction of the step loop', () => {
  let tables: Tables;
  let cache: StateCache;

  beforeEach(() => {
    tables = new Tables();
    cache = new StateCache();
  });

  const wantedFor = (nodeId: string, eventId: string, looksAtDeadlines = false) => ({
    inputs: [{ machine: 'm', nodeId, eventId }],
    machines: ['m'],
    looksAtDeadlines,
  });
  const step = (eventId: string, { nodeId = 'a', looksAtDeadlines = false } = {}) =>
    transact(tables, cache, wantedFor(nodeId, eventId, looksAtDeadlines), (loaded) => count(loaded, nodeId, eventId));
  const elsewhere = (eventId: string) => tables.keep(count({ rows: tables.rows, outputs: new Map() }, 'a', eventId));

  it('loads what it does not know, with the record of its inputs, and stores in one write', async () => {
    await step('1');
    expect(tables.asked()).toEqual(['load', 'write']);
    expect(tables.lookups).toEqual([
      { rows: [{ machine: 'm', nodeId: 'a' }], inputs: [{ machine: 'm', nodeId: 'a', eventId: '1' }] },
    ]);
  });

  it('decides from what it has stored itself, in one write and nothing else', async () => {
    await step('1');
    tables.asked();
    const { row } = await step('2');
    expect(row).toMatchObject({ version: 1, state: { status: 'at 1' } });
    expect(tables.asked()).toEqual(['write']);
    expect(tables.rows.get('m a')?.version).toBe(2);
  });

  it('loads of two machines only the one that it does not know, and looks up only inputs for that', async () => {
    await step('1');
    const inputs = ['m', 'n'].map((machine) => ({ machine, nodeId: 'a', eventId: '2' }));
    await transact(tables, cache, { inputs, machines: ['m', 'n'], looksAtDeadlines: false }, (loaded) =>
      count(loaded, 'a', '2', 'n'),
    );
    expect(tables.lookups[1]).toEqual({ rows: [{ machine: 'n', nodeId: 'a' }], inputs: [inputs[1]] });
  });

  it('writes nothing where nothing was decided', async () => {
    await transact(tables, cache, wantedFor('a', '1'), () => ({ changes: [], read: [], entries: [] }));
    expect(tables.asked()).toEqual(['load']);
  });

  it('locks, loads and decides again where another replica has gone on', async () => {
    await step('1');
    elsewhere('2');
    tables.asked();
    const { row } = await step('3');
    expect(row).toMatchObject({ version: 2, state: { status: 'at 2' } });
    expect(tables.asked()).toEqual(['write', 'begin', 'lock', 'write', 'commit']);
    expect(tables.rows.get('m a')?.version).toBe(3);
    await step('4');
    expect(tables.asked()).toEqual(['write']);
  });

  it('does so too where only what a step without change rests on is another', async () => {
    await step('1');
    elsewhere('2');
    tables.asked();
    const seen: (number | undefined)[] = [];
    await transact(tables, cache, wantedFor('a', '3'), ({ rows }) => {
      const version = rows.get('m a')?.version ?? 0;
      seen.push(version);
      const { entries } = count({ rows, outputs: new Map() }, 'a', '3');
      return { changes: [], read: [{ machine: 'm', nodeId: 'a', version }], entries };
    });
    expect(seen).toEqual([1, 2]);
    expect(tables.asked()).toEqual(['write', 'begin', 'lock', 'write', 'commit']);
  });

  it('finds the record of an input that comes again, although it knows the row', async () => {
    await step('1');
    await step('2');
    tables.asked();
    const { recorded } = await step('1');
    expect(recorded).toBe('of 1');
    expect(tables.asked()).toEqual(['write', 'begin', 'lock', 'commit']);
    expect(tables.rows.get('m a')?.version).toBe(2);
  });

  it('locks at once where deadlines are looked at, and has them then', async () => {
    await step('1');
    tables.asked();
    const { row } = await step('2', { looksAtDeadlines: true });
    expect(row).toMatchObject({ version: 1, deadline: DEADLINE });
    expect(tables.asked()).toEqual(['begin', 'lock', 'write', 'commit']);
    await step('3');
    expect(tables.asked()).toEqual(['write']);
  });

  it('asks under locks before it lets an input be rejected: it may have been decided before', async () => {
    await step('1');
    tables.asked();
    const given: boolean[] = [];
    const { rejected } = await transact(tables, cache, wantedFor('a', '2'), ({ rows }) => {
      given.push(rows.has('m a'));
      return { changes: [], read: [], entries: [], rejected: ['2'] };
    });
    expect(rejected).toEqual(['2']);
    expect(given).toEqual([true, true]);
    expect(tables.asked()).toEqual(['begin', 'lock', 'commit']);
  });

  it('throws what has failed, and forgets what it knew of the nodes', async () => {
    await step('1');
    await step('1', { nodeId: 'b' });
    tables.asked();
    tables.failures.push(new Error('connection refused'));
    await expect(step('2')).rejects.toThrow('connection refused');
    expect(tables.asked()).toEqual(['write']);
    await step('2', { nodeId: 'b' });
    expect(tables.asked()).toEqual(['write']);
    await step('2');
    expect(tables.asked()).toEqual(['load', 'write']);
  });

  it.each(['22P05', '23514', '54001'])(
    'says that data can never be stored (%s), and does not try again',
    async (code) => {
      tables.failures.push(Object.assign(new Error('no'), { code }));
      await expect(step('1')).rejects.toBeInstanceOf(UnstorableData);
      expect(tables.asked()).toEqual(['load', 'write']);
    },
  );

  it.each(['40001', '40P01'])('tries again, under locks, after the database gave way (%s)', async (code) => {
    tables.failures.push(Object.assign(new Error('dead-lock detected'), { code }));
    await step('1');
    expect(tables.asked()).toEqual(['load', 'write', 'begin', 'lock', 'write', 'commit']);
  });

  it('gives up where somebody else is always there first', async () => {
    tables.failures.push(...Array.from({ length: 100 }, () => new ConcurrentStep('again')));
    await expect(step('1')).rejects.toBeInstanceOf(ConcurrentStep);
    expect(tables.asked().filter((call) => call === 'write')).toHaveLength(10);
    tables.failures.length = 0;
    await step('1');
    expect(tables.asked()).toEqual(['load', 'write']);
  });
});
