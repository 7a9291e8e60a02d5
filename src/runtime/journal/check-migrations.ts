import type { MigrationInterface } from 'typeorm';
import type { Queryable } from './due-deadlines.js';

/** Somebody else makes the tables, and has not: waiting does not help. */
export class MissingMigrations extends Error {
  override readonly name = 'MissingMigrations';
}

/**
 * Throws {@link MissingMigrations} where a migration has not run. Migrations that only a later release knows do no harm: while it is
 * rolled out, the replicas of this one work on.
 */
export async function checkMigrations(
  db: Queryable,
  name: string,
  migrations: readonly (new () => MigrationInterface)[],
): Promise<void> {
  const table = migrationsTable(name);
  const { rows: found } = await db.query<{ role: string; there: boolean }>({
    text: 'select current_user::text as role, to_regclass($1) is not null as there',
    values: [table],
  });
  const [{ role, there } = { role: '', there: false }] = found;
  if (!there) {
    throw new MissingMigrations(
      `the ${name} database has no table ${table} that the role ${role} could see: ${HOW}, and see that the role may use the schema`,
    );
  }
  const { rows } = await db.query<{ name: string }>({ text: `select name from ${table}` });
  const noted = new Set(rows.map((row) => row.name));
  const missing = migrations
    .map((Migration) => new Migration().name ?? Migration.name)
    .filter((one) => !noted.has(one));
  if (missing.length > 0) throw new MissingMigrations(`the ${name} database lacks ${missing.join(', ')}: ${HOW}`);
}

const HOW = 'run this release once with MIGRATE=only as the owner of the tables';

/** Where TypeORM notes which migrations of a database have run. */
export function migrationsTable(name: string): string {
  return `rollcall_${name}_migrations`;
}
