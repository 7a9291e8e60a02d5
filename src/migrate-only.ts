import type { Config } from './config.js';
import { connectionsOf } from './config/connections.js';
import { errorText } from './messages/index.js';
import { openCatalog, openRegistryDatabase } from './registry-effect/registry-effect.module.js';
import {
  openBus,
  openStateDatabase,
  stateMigrations,
  statePrivileges,
  withAdvice,
  type Database,
  type Log,
  type Upkeep,
} from './runtime/index.js';

/** The database may be starting, or another one may be migrating it; who waits for longer had better be told. */
const WITHIN_MS = 5 * 60_000;

/**
 * `MIGRATE=only`: makes and changes the tables of every database, grants their use, and is done. For the owner of the tables, so that the
 * registry itself can run as a role that may do neither. Rejects with what is in the way when it takes too long.
 */
export async function migrateOnly(config: Config, log: Log): Promise<void> {
  const connections = connectionsOf(config);
  let unusable: (error: unknown) => void = () => undefined;
  const fatal = new Promise<never>((_resolve, reject) => (unusable = reject));
  const upkeep: Upkeep = { mode: 'auto', grantTo: config.migrate.grantTo, onFatal: unusable };
  const state = openStateDatabase(
    {
      databaseUrl: connections.stateDatabaseUrl,
      dataDir: config.embedded.dataDir,
      migrations: stateMigrations,
      privileges: statePrivileges,
      upkeep,
      onFatal: unusable,
    },
    log,
  );
  const others: readonly Database[] = [
    openRegistryDatabase(
      {
        databaseUrl: connections.registryDatabaseUrl,
        sharesStateDatabase: config.registryDatabaseUrl === config.stateDatabaseUrl,
        upkeep,
      },
      state,
      log,
    ),
    ...(config.kafka.brokers === null ? [openBus(state, log)] : []),
    ...(config.consul === null ? [openCatalog(state, log)] : []),
  ];
  const all = [state, ...others];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => void whatIsLate(all).then((text) => reject(new Error(text))), WITHIN_MS);
  });
  try {
    await Promise.race([Promise.all(all.map((database) => database.ready)), fatal, late]);
    log.info('every table is up to date');
  } finally {
    clearTimeout(timer);
    // What shares the state's connections goes first.
    for (const database of [...all].reverse()) await database.close();
  }
}

/** Never rejects: a database that is not ready says why when it is asked. */
async function whatIsLate(all: readonly Database[]): Promise<string> {
  const answers = await Promise.allSettled(all.map((database) => database.ping()));
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [errorText(answer.reason)] : []));
  return `not migrated within ${WITHIN_MS / 60_000} minutes: ${withAdvice('state', reasons.join('; '))}`;
}
