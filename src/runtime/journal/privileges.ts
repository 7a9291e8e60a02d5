import type { Queryable } from './due-deadlines.js';

type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** What the program does with its tables, and so all that it has to be allowed: making and changing them is not among it. */
export type TablePrivileges = Readonly<Record<string, readonly Privilege[]>>;

export const statePrivileges: TablePrivileges = {
  machine_states: ['SELECT', 'INSERT', 'UPDATE'],
  journal: ['SELECT', 'INSERT'],
  operations: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  dead_letters: ['SELECT', 'INSERT', 'UPDATE'],
  dead_letter_redrives: ['SELECT', 'INSERT'],
  drift_findings: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  drift_status: ['SELECT', 'INSERT', 'UPDATE'],
  drift_repairs: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  expiry_guard: ['SELECT', 'INSERT', 'UPDATE'],
  snapshot_sweeps: ['SELECT', 'INSERT', 'UPDATE'],
  api_audit: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  registry_keys: ['SELECT', 'INSERT'],
};

/** The role that asks may not do what the program does. Once it is granted, the next try succeeds. */
export class MissingPrivileges extends Error {
  override readonly name = 'MissingPrivileges';
}

/** Throws {@link MissingPrivileges} with all that the role lacks. A table that is not there is somebody else's to miss. */
export async function checkPrivileges(db: Queryable, wanted: TablePrivileges): Promise<void> {
  const pairs = Object.entries(wanted).flatMap(([table, privileges]) => privileges.map((one) => [table, one] as const));
  const { rows } = await db.query<{ role: string; table_name: string; privilege: string }>({
    text: `
      select current_user::text as role, wanted.table_name, wanted.privilege
      from unnest($1::text[], $2::text[]) with ordinality as wanted (table_name, privilege, place)
      where has_table_privilege(to_regclass(wanted.table_name), wanted.privilege) is false
      order by wanted.place`,
    values: [pairs.map(([table]) => table), pairs.map(([, privilege]) => privilege)],
  });
  const [first] = rows;
  if (first === undefined) return;
  const lacks = rows.map(({ table_name: table, privilege }) => `${privilege} on ${table}`).join(', ');
  throw new MissingPrivileges(`the role ${first.role} lacks ${lacks}`);
}

/** Grants a role what the program needs, as the owner of the tables; one that is not there has nothing to grant. */
export async function grantPrivileges(db: Queryable, role: string, wanted: TablePrivileges): Promise<void> {
  const { rows } = await db.query<{ table_name: string }>({
    text: 'select name as table_name from unnest($1::text[]) as wanted (name) where to_regclass(name) is not null',
    values: [Object.keys(wanted)],
  });
  for (const { table_name: table } of rows) {
    await db.query({ text: `grant ${(wanted[table] ?? []).join(', ')} on ${quoted(table)} to ${quoted(role)}` });
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
