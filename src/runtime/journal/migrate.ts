import type { Pool, PoolClient } from 'pg';
import { DataSource, type Logger, type MigrationInterface } from 'typeorm';
import { checkMigrations, migrationsTable } from './check-migrations.js';
import { grantPrivileges, type TablePrivileges } from './privileges.js';

/** The tables of a database, and how they come about. */
export type Tables = {
  /** Shown in logs and health: `state`, `registry`. */
  readonly name: string;
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Runs after the migrations at every start, under the same lock; has to be repeatable. */
  readonly prepare?: (client: PoolClient) => Promise<void>;
  /** What the program does with its tables; a role that may not is told so. */
  readonly privileges?: TablePrivileges;
};

/** Who makes and changes the tables. */
export type Upkeep = {
  /** `auto`: this process, at its start. `check`: another one has to have done it, or this one ends. */
  readonly mode: 'auto' | 'check';
  /** A role that is granted what the program needs, when the tables were made. */
  readonly grantTo: string | null;
  /** Tables are missing, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/** One lock for the migrations of every replica and all databases. */
const MIGRATION_LOCK = 7_022_001;

/** What a start does to the tables. `exclusive`: the pool has one connection, and nobody else is there. */
export function migrate(pool: Pool, tables: Tables, { mode, grantTo }: Upkeep, exclusive: boolean): Promise<void> {
  if (mode === 'check') return checkMigrations(pool, tables.name, tables.migrations);
  return exclusive ? migrateAlone(pool, tables) : migrateLocked(pool, tables, grantTo);
}

async function migrateAlone(pool: Pool, tables: Tables): Promise<void> {
  await runMigrations(pool, tables);
  if (tables.prepare === undefined) return;
  const client = await pool.connect();
  try {
    await tables.prepare(client);
  } finally {
    client.release();
  }
}

/** One replica at a time; the others find the work done. */
async function migrateLocked(pool: Pool, tables: Tables, grantTo: string | null): Promise<void> {
  const { name, prepare, privileges = {} } = tables;
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await runMigrations(pool, tables);
    await prepare?.(client);
    if (grantTo !== null)
      await grantPrivileges(client, grantTo, { ...privileges, [migrationsTable(name)]: ['SELECT'] });
  } finally {
    // The lock goes with the connection, whatever state it is in.
    client.release(true);
  }
}

/** TypeORM runs them, on a connection that the pool lends, and is gone then. */
async function runMigrations(pool: Pool, { name, migrations }: Tables): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    driver: { Pool: lending(pool) },
    migrations: [...migrations],
    migrationsTableName: migrationsTable(name),
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
