import { registryMigrations } from './migrations/index.js';
import type { Queryable } from './queryable.js';
import { createToolRegistrationsView } from './tool-registrations-view.js';

/** Any number, as long as it is always the same: two replicas must not make the table at once. */
const LOCK = 7_203_114_906;

/** Where TypeORM notes which migrations have run, as the database `registry` has it named. */
const MIGRATIONS_TABLE = 'rollcall_registry_migrations';

/**
 * Makes `node_registrations` again, empty, where somebody has dropped it, or the whole database: all its migrations run once more, and
 * the view with them. Changes nothing where the table is there. Needs a connection by itself, and no transaction under way on it; throws
 * what the driver throws, and then nothing is made.
 */
export async function restoreRegistrations(connection: Queryable): Promise<void> {
  const run = (text: string, values?: unknown[]) =>
    connection.query<{ found: boolean }>({ text, ...(values === undefined ? {} : { values }) });
  await run('BEGIN');
  try {
    await run(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const { rows } = await run(`SELECT to_regclass('node_registrations') IS NOT NULL AS found`);
    if (rows[0]?.found === false) {
      for (const Migration of registryMigrations) await new Migration().up({ query: (text) => run(text) });
      await noteMigrations(run);
      await createToolRegistrationsView(connection);
    }
    await run('COMMIT');
  } catch (error) {
    await run('ROLLBACK');
    throw error;
  }
}

/** A database that was made anew has no notes; without them the next start would run the migrations against what is there. */
async function noteMigrations(run: (text: string, values?: unknown[]) => Promise<unknown>): Promise<void> {
  const names = registryMigrations.map((Migration) => new Migration().name);
  await run(`
    CREATE TABLE IF NOT EXISTS ${MIGRATIONS_TABLE} (
      id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL
    )`);
  await run(
    `INSERT INTO ${MIGRATIONS_TABLE} ("timestamp", name)
     SELECT right(name, 13)::bigint, name FROM unnest($1::text[]) WITH ORDINALITY AS ours (name, at)
     WHERE NOT EXISTS (SELECT FROM ${MIGRATIONS_TABLE} AS noted WHERE noted.name = ours.name)
     ORDER BY at`,
    [names],
  );
}
