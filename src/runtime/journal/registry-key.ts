import type { Queryable } from './due-deadlines.js';

/** Stores the registry's private key, unless there is one; gives the one that is stored. PKCS #8, PEM. */
export async function agreeOnRegistryKey(database: Queryable, key: string): Promise<string> {
  const stored = await readKey(database);
  if (stored !== undefined) return stored;
  await database.query({
    text: 'insert into registry_keys (purpose, private_key) values ($1, $2) on conflict do nothing',
    values: [PURPOSE, key],
  });
  const agreed = await readKey(database);
  if (agreed === undefined) throw new Error('the key of the registry was stored, and is not there');
  return agreed;
}

const PURPOSE = 'sign';

async function readKey(database: Queryable): Promise<string | undefined> {
  const { rows } = await database.query<{ private_key: string }>({
    text: 'select private_key from registry_keys where purpose = $1',
    values: [PURPOSE],
  });
  return rows[0]?.private_key;
}
