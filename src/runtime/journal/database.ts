import pg, { type Client, type Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { DataSource, type Logger, type MigrationInterface } from 'typeorm';
import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Log } from '../log.js';
import { withAdvice } from '../troubles/advice.js';
import { checkMigrations, MissingMigrations, migrationsTable } from './check-migrations.js';
import { clientOf, type DatabaseUrl } from './connection-of.js';
import type { Queryable } from './due-deadlines.js';
import { checkPrivileges, grantPrivileges, type TablePrivileges } from './privileges.js';

/** Who makes and changes the tables. */
export type Upkeep = {
  /** `auto`: this process, at its start. `check`: another one has to have done it, or this one ends. */
  readonly mode: 'auto' | 'check';
  /** A role that is granted what the program needs, when the tables were made. */
  readonly grantTo: string | null;
  /** Tables are missing, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

const BY_OURSELVES: Upkeep = { mode: 'auto', grantTo: null, onFatal: () => undefined };

export type DatabaseOptions = {
  /** Shown in logs and health: `state`, `registry`. */
  readonly name: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Runs after the migrations at every start, under the same lock; has to be repeatable. */
  readonly prepare?: (client: PoolClient) => Promise<void>;
  /** What the program does with its tables; a role that may not is told so. */
  readonly privileges?: TablePrivileges;
  /** Migrates only when this has come about; what the migrations build on may be another's. */
  readonly after?: Promise<void>;
  readonly log: Log;
} & (
  | {
      readonly url: DatabaseUrl;
      readonly upkeep?: Upkeep;
      /** Most connections of the pool. */
      readonly connections: number;
      /** The server takes this one connection and no other (PGlite): the pool has one, and replicas cannot be. */
      readonly exclusive?: boolean;
      /** The server itself, where it runs in this process: waited for at the start, closed at the end. */
      readonly server?: { readonly ready: Promise<void>; close(): Promise<void> };
    }
  /** Tables of its own in a database that another one has opened: its pool, its connections. */
  | { readonly shares: Database }
);

/** Raised until the database is connected and migrated. */
export class DatabaseNotReady extends Error {}

/**
 * A process that hangs amid a step has its nodes' rows locked, and every other replica waits for them. After so long, as after
 * the session of its consumer group, the server ends its transaction; our steps pause there for milliseconds.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** One lock for the migrations of every replica and all databases. */
const MIGRATION_LOCK = 7_022_001;

/**
 * A PostgreSQL database: connects and migrates in the background, for as long as it takes, so that the process starts
 * whatever is down. TypeORM runs the migrations, on a connection that the pool lends, and is gone then.
 */
export class Database {
  /** Usable at any time; before the migrations a table may be missing. */
  readonly connections: Pool;
  private readonly plannedPool: Pool;
  private readonly forPlanned: Queryable;
  /** Whether no other process can be connected. Who holds the one connection must not wait for a second. */
  readonly exclusive: boolean;
  private readonly closing = new AbortController();
  private readonly opening: Promise<void>;
  /** Of all that share the connections. */
  private readonly upkeep: Upkeep;
  private migrated = false;
  private lastError = 'still connecting';

  constructor(private readonly options: DatabaseOptions) {
    if ('shares' in options) {
      this.connections = options.shares.connections;
      this.plannedPool = options.shares.plannedPool;
      this.exclusive = options.shares.exclusive;
      this.upkeep = options.shares.upkeep;
    } else {
      this.upkeep = options.upkeep ?? BY_OURSELVES;
      this.exclusive = options.exclusive ?? false;
      this.connections = createPool(options.name, options.url, this.exclusive ? 1 : options.connections, options.log);
      this.plannedPool = this.exclusive
        ? this.connections
        : createPool(options.name, options.url, PLANNED_CONNECTIONS, options.log, BY_KEYS);
    }
    this.forPlanned = this.exclusive ? planning(this.connections) : this.plannedPool;
    this.opening = this.open();
    // Whoever waits for it hears of a close; nobody has to.
    this.opening.catch(() => undefined);
  }

  /** Resolves once connected and migrated; rejects only when closed before. */
  get ready(): Promise<void> {
    return this.opening;
  }

  /** Connected and migrated. */
  get isReady(): boolean {
    return this.migrated;
  }

  /** The pool of a database that is ready; throws {@link DatabaseNotReady} until then. */
  get pool(): Pool {
    if (this.migrated) return this.connections;
    throw new DatabaseNotReady(`the ${this.options.name} database is not ready: ${this.lastError}`);
  }

  /** For named statements, planned once a connection, that find rows by their keys. Throws {@link DatabaseNotReady}. */
  get planned(): Queryable {
    if (this.migrated) return this.forPlanned;
    throw new DatabaseNotReady(`the ${this.options.name} database is not ready: ${this.lastError}`);
  }

  /** Round trip to the server; rejects with the reason when it fails, or when we may not do there what we have to. */
  async ping(): Promise<void> {
    const { pool } = this;
    if (this.exclusive) await pool.query('select 1');
    else await checkPrivileges(pool, this.options.privileges ?? {});
  }

  /** A connection outside the pool, for what has to hold on to one. Its user closes it. */
  async connectAlone(purpose: string): Promise<Client> {
    if ('shares' in this.options) return this.options.shares.connectAlone(purpose);
    if (this.exclusive) throw new Error(`the ${this.options.name} database has one connection, which is the pool's`);
    if (!this.migrated) throw new DatabaseNotReady(`the ${this.options.name} database is not ready: ${this.lastError}`);
    const client = new (clientOf(this.options.url))({
      application_name: `rollcall-${purpose}`,
      connectionTimeoutMillis: 5000,
      query_timeout: 30_000,
      keepAlive: true,
    });
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.opening.catch(() => undefined);
    if ('shares' in this.options) return;
    if (this.plannedPool !== this.connections) await this.plannedPool.end();
    await this.connections.end();
    await this.options.server?.close();
  }

  private async open(): Promise<void> {
    const { name, log } = this.options;
    for (let attempt = 0; ; attempt++) {
      if (this.closing.signal.aborted) throw new DatabaseNotReady(`the ${name} database was closed while connecting`);
      try {
        if ('shares' in this.options) await this.options.shares.ready;
        else await this.options.server?.ready;
        await this.options.after;
        await this.migrate();
        if (!this.exclusive) await checkPrivileges(this.connections, this.options.privileges ?? {});
        this.migrated = true;
        log.info({ database: name }, 'database connected and migrated');
        return;
      } catch (error) {
        if (error instanceof MissingMigrations) {
          this.upkeep.onFatal(error);
          throw error;
        }
        this.lastError = errorText(error);
        const retryInMs = backoffMs(attempt);
        const told = withAdvice(name === 'registry' ? 'postgres' : 'state', this.lastError);
        log.warn({ database: name, error: told, retryInMs }, 'database not reachable, trying again');
        await pause(retryInMs, this.closing.signal);
      }
    }
  }

  private migrate(): Promise<void> {
    const { name, migrations } = this.options;
    if (this.upkeep.mode === 'check') return checkMigrations(this.connections, name, migrations);
    return this.exclusive ? this.migrateAlone() : this.migrateLocked();
  }

  private async migrateAlone(): Promise<void> {
    await this.runMigrations();
    if (this.options.prepare === undefined) return;
    const client = await this.connections.connect();
    try {
      await this.options.prepare(client);
    } finally {
      client.release();
    }
  }

  /** One replica at a time; the others find the work done. */
  private async migrateLocked(): Promise<void> {
    const client = await this.connections.connect();
    try {
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await this.runMigrations();
      await this.options.prepare?.(client);
      await this.grant(client);
    } finally {
      // The lock goes with the connection, whatever state it is in.
      client.release(true);
    }
  }

  private async grant(client: PoolClient): Promise<void> {
    const { name, privileges = {} } = this.options;
    const { grantTo } = this.upkeep;
    if (grantTo !== null)
      await grantPrivileges(client, grantTo, { ...privileges, [migrationsTable(name)]: ['SELECT'] });
  }

  private async runMigrations(): Promise<void> {
    const source = new DataSource({
      type: 'postgres',
      driver: { Pool: lending(this.connections) },
      migrations: [...this.options.migrations],
      migrationsTableName: migrationsTable(this.options.name),
      migrationsTransactionMode: 'each',
      logger: SILENT,
    });
    await source.initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  }
}

/** Each step loop has one statement on its way, and so have the heartbeats and the deadlines that begin. */
const PLANNED_CONNECTIONS = 6;
/** Plans are made once, and must not rest on how small a table was then. */
const BY_KEYS =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off';

function createPool(name: string, url: DatabaseUrl, max: number, log: Log, settings?: string): Pool {
  const pool = new pg.Pool({
    Client: clientOf(url),
    application_name: `rollcall-${name}`,
    max,
    // On a pool of one this is how long one waits for the others' work.
    connectionTimeoutMillis: max === 1 ? 30_000 : 5000,
    query_timeout: 30_000,
    // Startup parameter; PGlite has nobody whom a lock could keep waiting.
    ...(max > 1 && { idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS }),
    keepAlive: true,
    ...(settings !== undefined && { options: settings }),
  });
  pool.on('error', (error) => {
    log.warn({ database: name, error: errorText(error) }, 'an idle database connection broke');
  });
  // A connection that breaks between two queries of a transaction says so by an event, which unheard would end the
  // process; the next query on it fails, and that is what its user acts on.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      log.debug({ database: name, error: errorText(error) }, 'a database connection broke');
    });
  });
  return pool;
}

/** A server without autovacuum never notices that a table has grown, and never plans anew: there each statement is planned as it comes. */
function planning(pool: Pool): Queryable {
  const query = ({ text, values }: QueryConfig): Promise<QueryResult> => pool.query({ text, values: values ?? [] });
  return { query } as Queryable;
}

/** What goes wrong is thrown as well, and logged by us: standard output is JSON lines. */
const nothing = (): void => undefined;
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: () => void) => void;

/** What TypeORM takes for a pool of its own: it borrows connections from ours, and closing it closes nothing. */
function lending(pool: Pool) {
  return class {
    on(): void {
      // Errors of the pool are heard where it was made.
    }

    connect(connected: Connected): void {
      pool.connect(connected as Parameters<Pool['connect']>[0]);
    }

    end(ended: () => void): void {
      ended();
    }
  };
}
