import type { Client, Pool } from 'pg';
import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Log } from '../log.js';
import { withAdvice } from '../troubles/advice.js';
import { MissingMigrations } from './check-migrations.js';
import { clientOf, type DatabaseUrl } from './connection-of.js';
import { createPlannedPool, createPool, planning } from './create-pool.js';
import type { Queryable } from './due-deadlines.js';
import { migrate, type Tables, type Upkeep } from './migrate.js';
import { checkPrivileges } from './privileges.js';

const BY_OURSELVES: Upkeep = { mode: 'auto', grantTo: null, onFatal: () => undefined };

export type DatabaseOptions = Tables & {
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
 * A PostgreSQL database: connects and migrates in the background, for as long as it takes, so that the process starts
 * whatever is down.
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
      this.plannedPool = this.exclusive ? this.connections : createPlannedPool(options.name, options.url, options.log);
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
        await migrate(this.connections, this.options, this.upkeep, this.exclusive);
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
}
