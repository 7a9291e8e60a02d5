import pg, { type Pool, type PoolClient } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
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
  /** Migrates only when this has come about; what the migrations build on may be another's. */
  readonly after?: Promise<void>;
  /** Most connections of the pool. */
  readonly connections: number;
  readonly log: Log;
};

/** Raised until the database is connected and migrated. */
export class DatabaseNotReady extends Error {}

/** One lock for the migrations of every replica and both databases. */
const MIGRATION_LOCK = 7_022_001;

/**
 * A PostgreSQL database: connects and migrates in the background, for as long as it takes, so that the process starts
 * whatever is down. TypeORM runs the migrations and is gone then; all work is done on the pool.
 */
export class Database {
  /** Usable at any time; before the migrations a table may be missing. */
  readonly connections: Pool;
  private readonly closing = new AbortController();
  private readonly opening: Promise<void>;
  private isReady = false;
  private lastError = 'still connecting';

  constructor(private readonly options: DatabaseOptions) {
    this.connections = new pg.Pool({
      connectionString: options.url,
      application_name: `rollcall-${options.name}`,
      max: options.connections,
      connectionTimeoutMillis: 5000,
      query_timeout: 30_000,
      keepAlive: true,
    });
    this.connections.on('error', (error) => {
      options.log.warn({ database: options.name, error: errorText(error) }, 'an idle database connection broke');
    });
    // A connection that breaks between two queries of a transaction says so by an event, which unheard would end the
    // process; the next query on it fails, and that is what its user acts on.
    this.connections.on('connect', (client) => {
      client.on('error', (error) => {
        options.log.debug({ database: options.name, error: errorText(error) }, 'a database connection broke');
      });
    });
    this.opening = this.open();
  }

  /** Resolves once connected and migrated; rejects only when closed before. */
  get ready(): Promise<void> {
    return this.opening;
  }

  /** The pool of a database that is ready; throws {@link DatabaseNotReady} until then. */
  get pool(): Pool {
    if (this.isReady) return this.connections;
    throw new DatabaseNotReady(`the ${this.options.name} database is not ready: ${this.lastError}`);
  }

  /** Round trip to the server; rejects with the reason when it fails. */
  async ping(): Promise<void> {
    await this.pool.query('select 1');
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.opening.catch(() => undefined);
    await this.connections.end();
  }

  private async open(): Promise<void> {
    const { name, log } = this.options;
    for (let attempt = 0; ; attempt++) {
      if (this.closing.signal.aborted) throw new DatabaseNotReady(`the ${name} database was closed while connecting`);
      try {
        await this.options.after;
        await this.migrate();
        this.isReady = true;
        log.info({ database: name }, 'database connected and migrated');
        return;
      } catch (error) {
        this.lastError = errorText(error);
        const retryInMs = backoffMs(attempt);
        log.warn({ database: name, error: this.lastError, retryInMs }, 'database not reachable, trying again');
        await pause(retryInMs, this.closing.signal);
      }
    }
  }

  /** One replica at a time; the others find the work done. */
  private async migrate(): Promise<void> {
    const client = await this.connections.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await this.runMigrations();
      await this.options.prepare?.(client);
    } finally {
      // The lock goes with the connection, whatever state it is in.
      client.release(true);
    }
  }

  private async runMigrations(): Promise<void> {
    const source = new DataSource({
      type: 'postgres',
      url: this.options.url,
      migrations: [...this.options.migrations],
      migrationsTableName: `rollcall_${this.options.name}_migrations`,
      migrationsTransactionMode: 'each',
      poolSize: 1,
      connectTimeoutMS: 5000,
    });
    await source.initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  }
}
