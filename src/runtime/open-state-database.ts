import { EmbeddedPostgres } from './embedded/embedded-postgres.js';
import type { DatabaseUrl } from './journal/connection-of.js';
import { Database, type DatabaseOptions } from './journal/database.js';
import type { Upkeep } from './journal/migrate.js';
import type { TablePrivileges } from './journal/privileges.js';
import type { Log } from './log.js';

export type StateDatabaseOptions = {
  /** Null: PostgreSQL is embedded, in the data folder. */
  readonly databaseUrl: DatabaseUrl | null;
  readonly dataDir: string;
  /** None: nobody looks whether they are granted. */
  readonly privileges?: TablePrivileges;
  readonly upkeep?: Upkeep | undefined;
  /** None: the tables are taken as they are. */
  readonly migrations: DatabaseOptions['migrations'];
  /** The embedded database cannot be opened, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

const STATE_CONNECTIONS = 8;

/** The database with states and journal: a server, or the one that is embedded. */
export function openStateDatabase(options: StateDatabaseOptions, log: Log): Database {
  const { databaseUrl, dataDir, migrations, privileges = {}, upkeep, onFatal } = options;
  const shared = { name: 'state', migrations, privileges, log, ...(upkeep !== undefined && { upkeep }) };
  if (databaseUrl !== null) return new Database({ ...shared, url: databaseUrl, connections: STATE_CONNECTIONS });
  const embedded = new EmbeddedPostgres({ dataDir, log });
  embedded.ready.catch(onFatal);
  return new Database({ ...shared, url: embedded.url, connections: 1, exclusive: true, server: embedded });
}
