import { DatabaseNotReady } from './database.js';
import {
  rowKey,
  type MachineEntry,
  type LoadedRows,
  type NodeRow,
  type ReadRow,
  type StateChange,
  type StepInput,
} from './rows.js';
import type { StateCache } from './state-cache.js';

export type Written = {
  readonly changes: readonly StateChange[];
  /** Rows that steps without a change rest on. */
  readonly read: readonly ReadRow[];
  readonly entries: readonly MachineEntry[];
  /** Inputs that could not be decided: may be because they were decided before. */
  readonly rejected?: readonly unknown[];
};

/** What a failed transaction means for the batch: its data can never be stored, or the database cannot be reached now. */
export class UnstorableData extends Error {}

/** Another replica took a step, or the same one, on what this batch was decided from: load again, decide again. */
export class ConcurrentStep extends Error {}

/** What is to be decided, and what it may be about. */
export type Wanted = {
  readonly inputs: readonly StepInput[];
  /** Those that may take a step on the nodes of the inputs. */
  readonly machines: readonly string[];
  /** Deadlines and heartbeats have to be what they are now, until the step is stored. */
  readonly looksAtDeadlines: boolean;
};

/** Rows to load, and inputs whose recorded outputs are looked up. */
export type Lookup = {
  readonly rows: readonly { readonly machine: string; readonly nodeId: string }[];
  readonly inputs: readonly StepInput[];
};

/** What is done within one transaction on the store. */
export type Transaction = {
  /** Locks the rows until the transaction ends, in the order of machine and node. */
  load(lookup: Lookup): Promise<LoadedRows>;
  /** Throws {@link ConcurrentStep} where a row is not what was loaded, or an input has been decided. */
  write(written: Written): Promise<void>;
};

export type Store = {
  /** Begins a transaction, works, commits; whatever fails rolls back and is thrown. */
  inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** As in a transaction, but locks nothing. */
  readonly load: Transaction['load'];
  /** In a transaction of its own: all of it, or nothing. */
  readonly write: Transaction['write'];
};

const MAX_ATTEMPTS = 10;

/**
 * One step of the loop: takes what the inputs are about, lets `decide` decide (no I/O in it), and stores what it says, all or
 * nothing. At first from what this process stored last, whose versions are compared as it is stored, in one round trip; where
 * another replica's step or an input that comes again is found, and where deadlines are looked at, from rows that are loaded and
 * locked. Throws {@link UnstorableData} when the data itself is refused; any other error means: try again later.
 */
export async function transact<D extends Written>(
  store: Store,
  cache: StateCache,
  wanted: Wanted,
  decide: (loaded: LoadedRows) => D,
): Promise<D> {
  for (let attempt = 1; ; attempt++) {
    try {
      const decided =
        attempt === 1 && !wanted.looksAtDeadlines
          ? await fromCache(store, cache, wanted, decide)
          : await locked(store, wanted, decide);
      cache.stored(decided.changes);
      return decided;
    } catch (error) {
      cache.forget(wanted.inputs, wanted.machines);
      if (isUnstorable(error)) throw new UnstorableData('PostgreSQL refuses the data of the batch', { cause: error });
      if (!isContention(error) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

async function fromCache<D extends Written>(
  store: Store,
  cache: StateCache,
  { inputs, machines }: Wanted,
  decide: (loaded: LoadedRows) => D,
): Promise<D> {
  const rows = new Map<string, NodeRow>();
  const missing: Lookup['rows'][number][] = [];
  const unknown = new Set<string>();
  for (const nodeId of new Set(inputs.map((input) => input.nodeId))) {
    for (const machine of machines) {
      const key = rowKey(machine, nodeId);
      const row = cache.get(key);
      if (row !== undefined) rows.set(key, row);
      else {
        missing.push({ machine, nodeId });
        unknown.add(key);
      }
    }
  }
  // An input on a row that is known meets its own entry in the journal, if it was decided before, as it is stored.
  const inputsToLookUp = inputs.filter(({ machine, nodeId }) => unknown.has(rowKey(machine, nodeId)));
  const loaded = missing.length === 0 ? NOTHING : await store.load({ rows: missing, inputs: inputsToLookUp });
  cache.loaded(loaded);
  for (const [key, row] of loaded.rows) rows.set(key, row);
  const decided = decide({ rows, outputs: loaded.outputs });
  if (decided.rejected !== undefined && decided.rejected.length > 0) throw new ConcurrentStep('some were rejected');
  await writeIfAny(store, decided);
  return decided;
}

function locked<D extends Written>(
  store: Store,
  { inputs, machines }: Wanted,
  decide: (loaded: LoadedRows) => D,
): Promise<D> {
  const rows = [...new Set(inputs.map(({ nodeId }) => nodeId))].flatMap((nodeId) =>
    machines.map((machine) => ({ machine, nodeId })),
  );
  return store.inTransaction(async (transaction) => {
    const decided = decide(await transaction.load({ rows, inputs }));
    await writeIfAny(transaction, decided);
    return decided;
  });
}

async function writeIfAny({ write }: Pick<Transaction, 'write'>, written: Written): Promise<void> {
  if (written.changes.length > 0 || written.entries.length > 0) await write(written);
}

const NOTHING: LoadedRows = { rows: new Map(), outputs: new Map() };

/** Class 22: data exception, 23: constraint, 54: limit exceeded (depth, size). */
export function isUnstorable(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error));
}

/** Serialization failure, dead-lock, or another replica's step. */
function isContention(error: unknown): boolean {
  return error instanceof ConcurrentStep || ['40001', '40P01'].includes(sqlState(error));
}

function sqlState(error: unknown): string {
  return error instanceof Error && !(error instanceof DatabaseNotReady) && 'code' in error ? String(error.code) : '';
}
