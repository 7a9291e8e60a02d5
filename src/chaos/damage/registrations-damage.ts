import type { Database } from '../../runtime/index.js';

type Connections = Database['connections'];

/** A statement that waits for a process that hangs with the rows gives up, and is tried again. */
const PATIENCE = `set local lock_timeout = '5s'`;

/** The table with all that is built on it. */
export async function dropRegistrations(connections: Connections): Promise<void> {
  await connections.query(`${PATIENCE}; drop table if exists node_registrations cascade`);
}

/** A foreign row, by the id under which `registrations` knows it. */
export function foreignId(serial: number): string {
  return `foreign-${serial}`;
}

/**
 * Deletes and alters rows, lets some be active again whose nodes have left, and adds one of a node that never was. Revisions go down only:
 * those above the desired ones would be left to an operator. Which rows follows from `serial`. Gives how many rows, by what was done.
 */
export async function damageRegistrations(connections: Connections, serial: number): Promise<string> {
  const chosen = (state: string, from: number, count: number): string =>
    `node_id in (select node_id from node_registrations where ${state} and node_id not like 'foreign-%'
     order by hashtextextended(node_id, ${serial}) offset ${from} limit ${count})`;
  const present = `state <> 'deregistered'`;
  const statements = [
    ['deleted', `delete from node_registrations where ${chosen(present, 0, 3)}`],
    [
      'altered',
      `update node_registrations set capabilities = '{"altered": true}', node_version = 'altered', endpoints = '{}'
       where ${chosen(present, 0, 2)}`,
    ],
    ['outdated', `update node_registrations set revision = 1, incarnation = 1 where ${chosen(present, 2, 2)}`],
    ['registered', `update node_registrations set state = 'registered' where ${chosen(present, 4, 1)}`],
    [
      'ghosts',
      `update node_registrations set state = 'active', deregistered_at = null
       where ${chosen(`state = 'deregistered'`, 0, 2)}`,
    ],
    [
      'foreign',
      `insert into node_registrations select (jsonb_populate_record(one, jsonb_build_object('node_id', '${foreignId(serial)}'))).*
       from (select one from node_registrations as one limit 1) as template`,
    ],
  ] as const;
  const client = await connections.connect();
  try {
    await client.query('begin');
    await client.query(PATIENCE);
    const done: string[] = [];
    for (const [what, text] of statements) done.push(`${(await client.query(text)).rowCount ?? 0} ${what}`);
    await client.query('commit');
    return done.join(', ');
  } finally {
    client.release(true); // whatever state it is in
  }
}

/** A row as text; null: it is not there. */
export async function registrationText(connections: Connections, nodeId: string): Promise<string | null> {
  const { rows } = await connections.query<{ text: string }>(
    'select to_jsonb(one)::text as text from node_registrations as one where node_id = $1',
    [nodeId],
  );
  return rows[0]?.text ?? null;
}
