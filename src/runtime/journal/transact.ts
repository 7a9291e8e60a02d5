import { DatabaseNotReady } from './database.js';
import type { JournalEntry, LoadedRows, StateChange } from './rows.js';
import { ConcurrentStep } from './write-batch.js';

export type Written = { readonly changes: readonly StateChange[]; readonly entries: readonly JournalEntry[] };

/** What a failed transaction means for the batch: its data can never be stored, or the database cannot be reached now. */
export class UnstorableData extends Error {}

type Input = { readonly nodeId: string; readonly eventId: string };

/** What is done within one transaction on the store. */
export type Transaction = {
  /** Locks the rows of the inputs' nodes, in key order, until the transaction ends. */
  load(machine: string, inputs: readonly Input[]): Promise<LoadedRows>;
  /** Throws {@link ConcurrentStep} where a row is not what was loaded. */
  write(machine: string, changes: readonly StateChange[], entries: readonly JournalEntry[]): Promise<void>;
};

/** Begins a transaction, works, commits; whatever fails rolls back and is thrown. */
export type InTransaction = <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;

const MAX_ATTEMPTS = 10;

/**
 * One step of the loop: loads and locks what the inputs are about, lets `decide` decide (no I/O in it), and stores what
 * it says, all in one transaction. Another replica's step in between is met by deciding anew.
 * Throws {@link UnstorableData} when the data itself is refused; any other error means: try again later.
 */
export async function transact<D extends Written>(
  inTransaction: InTransaction,
  machine: string,
  inputs: readonly Input[],
  decide: (loaded: LoadedRows) => D,
): Promise<D> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(async (transaction) => {
        const decided = decide(await transaction.load(machine, inputs));
        if (decided.changes.length > 0 || decided.entries.length > 0) {
          await transaction.write(machine, decided.changes, decided.entries);
        }
        return decided;
      });
    } catch (error) {
      if (isUnstorable(error)) throw new UnstorableData('PostgreSQL refuses the data of the batch', { cause: error });
      if (!isContention(error) || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** Class 22: data exception, 23: constraint, 54: limit exceeded (depth, size). */
export function isUnstorable(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error));
}

/** Serialization failure, dead-lock, or another replica's new row. */
function isContention(error: unknown): boolean {
  return error instanceof ConcurrentStep || ['40001', '40P01'].includes(sqlState(error));
}

function sqlState(error: unknown): string {
  return error instanceof Error && !(error instanceof DatabaseNotReady) && 'code' in error ? String(error.code) : '';
}
