import type { PoolClient } from 'pg';
import type { Database } from './database.js';
import { DatabaseNotReady } from './database.js';
import { loadBatch } from './load-batch.js';
import type { JournalEntry, LoadedRows, StateChange } from './rows.js';
import { ConcurrentStep, writeBatch } from './write-batch.js';

export type Written = { readonly changes: readonly StateChange[]; readonly entries: readonly JournalEntry[] };

/** What a failed transaction means for the batch: its data can never be stored, or the database cannot be reached now. */
export class UnstorableData extends Error {}

/** States and journal of the machines, in PostgreSQL. */
export class Journal {
  constructor(private readonly database: Database) {}

  /**
   * One step of the loop: loads and locks what the inputs are about, lets `decide` decide (no I/O in it), and stores what
   * it says, all in one transaction. Another replica's step in between is met by deciding anew.
   * Throws {@link UnstorableData} when the data itself is refused; any other error means: try again later.
   */
  async transact<D extends Written>(
    machine: string,
    inputs: readonly { readonly nodeId: string; readonly eventId: string }[],
    decide: (loaded: LoadedRows) => D,
  ): Promise<D> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.inTransaction(async (client) => {
          const decided = decide(await loadBatch(client, machine, inputs));
          if (decided.changes.length > 0 || decided.entries.length > 0) {
            await writeBatch(client, machine, decided.changes, decided.entries);
          }
          return decided;
        });
      } catch (error) {
        if (isUnstorable(error)) throw new UnstorableData('PostgreSQL refuses the data of the batch', { cause: error });
        if (!isContention(error) || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** Nodes of a machine in one of the given states. */
  async countNodes(machine: string, statuses: readonly string[]): Promise<number> {
    const result = await this.database.pool.query<{ count: number }>(
      'select count(*)::int as count from machine_states where machine = $1 and status = any($2::text[])',
      [machine, statuses],
    );
    return result.rows[0]?.count ?? 0;
  }

  /** Revision that the reducer wants of each node now; nodes that it has never seen are missing. */
  async desiredRevisions(nodeIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const result = await this.database.pool.query<{ node_id: string; revision: number }>(
      `select node_id, (state #>> '{desired,revision}')::int as revision
       from machine_states
       where machine = 'reducer' and node_id = any($1::text[]) and (state #>> '{desired,revision}') is not null`,
      [nodeIds],
    );
    return new Map(result.rows.map((row) => [row.node_id, row.revision]));
  }

  private async inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.database.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection whose rollback fails is thrown away; the server rolls back by itself.
      await client.query('rollback').catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error(String(failure));
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

const MAX_ATTEMPTS = 10;

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
