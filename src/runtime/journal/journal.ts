import type { PoolClient } from 'pg';
import type { Database } from './database.js';
import { countLive } from './due-deadlines.js';
import { extendDeadlines, type NotExtended, type Sign } from './extend-deadlines.js';
import { loadBatch } from './load-batch.js';
import { pinnedKeys } from './pinned-keys.js';
import type { LoadedRows } from './rows.js';
import { startDeadlines, type Announced } from './start-deadlines.js';
import { StateCache } from './state-cache.js';
import type { StateStore } from './state-store.js';
import { transact, type Store, type Transaction, type Wanted, type Written } from './transact.js';
import { writeBatch } from './write-batch.js';

export { isUnstorable, UnstorableData, type Written } from './transact.js';

/** States and journal of the machines, in PostgreSQL. */
export class Journal implements StateStore {
  private readonly cache = new StateCache();
  private readonly store: Store;

  constructor(private readonly database: Database) {
    this.store = {
      inTransaction: (work) => this.inTransaction((client) => work(verbsOf(client))),
      load: (lookup) => loadBatch(database.planned, lookup, false),
      write: (written) => writeBatch(database.planned, written),
    };
  }

  /** One step of the loop. See `transact` in transact.ts. */
  transact<D extends Written>(wanted: Wanted, decide: (loaded: LoadedRows) => D): Promise<D> {
    return transact(this.store, this.cache, wanted, decide);
  }

  /** See {@link StateStore.countNodes}. */
  async countNodes(machine: string, statuses: readonly string[]): Promise<number> {
    const result = await this.database.pool.query<{ count: number }>(
      'select count(*)::int as count from machine_states where machine = $1 and status = any($2::text[])',
      [machine, statuses],
    );
    return result.rows[0]?.count ?? 0;
  }

  /** See {@link StateStore.desiredRevisions}. */
  async desiredRevisions(nodeIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const result = await this.database.pool.query<{ node_id: string; revision: number }>(
      `select node_id, (state::json #>> '{desired,revision}')::int as revision
       from machine_states
       where machine = 'reducer' and node_id = any($1::text[]) and (state::json #>> '{desired,revision}') is not null`,
      [nodeIds],
    );
    return new Map(result.rows.map((row) => [row.node_id, row.revision]));
  }

  /** See `extendDeadlines` in extend-deadlines.ts. */
  async extendDeadlines(
    machine: string,
    which: { readonly kind: string; readonly statuses: readonly string[] },
    signs: readonly Sign[],
  ): Promise<readonly NotExtended[]> {
    return extendDeadlines(this.database.planned, machine, which, signs);
  }

  /** See `startDeadlines` in start-deadlines.ts. */
  async startDeadlines(announced: readonly Announced[]): Promise<void> {
    return startDeadlines(this.database.planned, announced);
  }

  /** See `pinnedKeys` in pinned-keys.ts. */
  async pinnedKeys(machine: string, nodeIds: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    return pinnedKeys(this.database.planned, machine, nodeIds);
  }

  /** See {@link StateStore.countLive}. */
  async countLive(): Promise<number> {
    return countLive(this.database.pool);
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

function verbsOf(client: PoolClient): Transaction {
  return {
    load: (lookup) => loadBatch(client, lookup, true),
    write: (written) => writeBatch(client, written),
  };
}
