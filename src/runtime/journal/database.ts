import { DataSource, type MigrationInterface } from 'typeorm';
import type { Pool, PoolClient } from 'pg';
import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Log } from '../log.js';

export type DatabaseOptions = {
  /** Shown in logs and health: `state`, `registry`. */
  readonly name: string;
  readonly url: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Runs after the migrations at every start, under the same lock; has to be repeatable. */
  readonly prepare?: (client: PoolClient) => Promise<void>;
  /** Most connections of the pool. */
  readonly connections: number;
  readonly log: Log;
};

/** Raised while there is no connection yet. */
export class DatabaseNotReady extends Error {}

/** One lock for the migrations of every replica and both databases. */
const MIGRATION_LOCK = 7_022_001;

/**
 * A PostgreSQL database: connects and migrates in the background, for as long as it takes, so that the process starts
 * whatever is down. The pool is TypeORM's own: migrations and hot paths share its connections.
 */
export class Database {
  private readonly source: DataSource;
  private connected: Pool | undefined;
  private readonly closing = new AbortController();
  private readonly opening: Promise<void>;
  private lastError: string | null = null;

  constructor(private readonly options: DatabaseOptions) {
    this.source = new DataSource({
      type: 'postgres',
      url: options.url,
      migrations: [...options.migrations],
      migrationsTableName: `rollcall_${options.name}_migrations`,
      migrationsTransactionMode: 'each',
      applicationName: `rollcall-${options.name}`,
      poolSize: options.connections,
      connectTimeoutMS: 5000,
      poolErrorHandler: (error: unknown) => {
        options.log.warn({ database: options.name, error: errorText(error) }, 'an idle database connection broke');
      },
      extra: { query_timeout: 30_000, keepAlive: true },
    });
    this.opening = this.open();
  }

  /** Resolves once connected and migrated; rejects only when closed before. */
  get ready(): Promise<void> {
    return this.opening;
  }

  /** The pool; throws {@link DatabaseNotReady} until there is one. */
  get pool(): Pool {
    if (this.connected === undefined) {
      const why = this.lastError === null ? 'still connecting' : this.lastError;
      throw new DatabaseNotReady(`the ${this.options.name} database is not there yet: ${why}`);
    }
    return this.connected;
  }

  /** TypeORM's view of the same database, for reads off the hot path. */
  get dataSource(): DataSource {
    void this.pool;
    return this.source;
  }

  /** Round trip to the server; rejects with the reason when it fails. */
  async ping(): Promise<void> {
    await this.pool.query('select 1');
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.opening.catch(() => undefined);
    if (this.source.isInitialized) await this.source.destroy();
  }

  private async open(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (this.closing.signal.aborted) throw new DatabaseNotReady('closed while connecting');
      try {
        if (!this.source.isInitialized) await this.source.initialize();
        await this.migrate();
        this.connected = poolOf(this.source);
        this.options.log.info({ database: this.options.name }, 'database connected and migrated');
        return;
      } catch (error) {
        this.lastError = errorText(error);
        const retryInMs = backoffMs(attempt);
        this.options.log.warn(
          { database: this.options.name, error: this.lastError, retryInMs },
          'database not reachable, trying again',
        );
        await pause(retryInMs, this.closing.signal);
      }
    }
  }

  private async migrate(): Promise<void> {
    const client = await poolOf(this.source).connect();
    try {
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      try {
        await this.source.runMigrations();
        await this.options.prepare?.(client);
      } finally {
        await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      }
    } finally {
      client.release();
    }
  }
}

/** TypeORM's driver keeps its pg pool under `master`. */
function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { master: Pool }).master;
}
