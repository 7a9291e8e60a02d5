import type { ClientBase } from 'pg';
import type { Database } from './database.js';
import type { JournalEntry } from './rows.js';

/** All that is kept of one node by one machine. */
export type History = {
  readonly machine: string;
  readonly nodeId: string;
  /** Of machine_states; `state` is JSON text. */
  readonly stored: { readonly version: number; readonly state: string };
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
};

/** Nodes of a page: so many histories are in memory at once. */
const PAGE = 200;
/** For whoever folds a page between two queries: on a busy machine that takes long, and no row is locked meanwhile. */
const PATIENCE = '15min';

type StoredRow = { machine: string; node_id: string; version: number; state: string };
type EntryRow = JournalEntry & { readonly machine: string };

/** Every node of every machine with its whole journal, in pages, as all of it stood at one moment; the registry may go on. */
export async function* readHistories(database: Pick<Database, 'pool'>, nodeId: string | null): AsyncGenerator<History> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local idle_in_transaction_session_timeout = '${PATIENCE}'`);
    yield* pagesOf(client, nodeId);
  } finally {
    // Nothing was written: the end of the connection ends the transaction, however this went.
    client.release(true);
  }
}

async function* pagesOf(client: ClientBase, nodeId: string | null): AsyncGenerator<History> {
  for (let after = { machine: '', node_id: '' }; ;) {
    const { rows: states } = await client.query<StoredRow>(
      `select machine, node_id, version, state from machine_states
       where (machine, node_id) > ($1, $2) and ($3::text is null or node_id = $3)
       order by machine, node_id limit ${PAGE}`,
      [after.machine, after.node_id, nodeId],
    );
    const entries = await entriesOf(client, states);
    for (const { machine, node_id, version, state } of states) {
      const own = entries.get(`${machine} ${node_id}`) ?? [];
      yield { machine, nodeId: node_id, stored: { version, state }, entries: own };
    }
    const last = states.at(-1);
    if (last === undefined || states.length < PAGE) return;
    after = last;
  }
}

async function entriesOf(client: ClientBase, states: readonly StoredRow[]): Promise<Map<string, JournalEntry[]>> {
  const { rows } = await client.query<EntryRow>(
    `select j.machine, j.node_id as "nodeId", event_id as "eventId", version, event_type as "eventType", input,
       context, rule, from_status as "fromStatus", path, to_status as "toStatus", state_after as "stateAfter",
       outputs, correlation_id as "correlationId", causation_id as "causationId",
       to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
       contract_version as "contractVersion"
     from unnest($1::text[], $2::text[]) as wanted(machine, node_id)
     join journal j on j.machine = wanted.machine and j.node_id = wanted.node_id
     order by j.id`,
    [states.map(({ machine }) => machine), states.map(({ node_id }) => node_id)],
  );
  const byNode = new Map<string, JournalEntry[]>();
  for (const { machine, ...entry } of rows) {
    const key = `${machine} ${entry.nodeId}`;
    const entries = byNode.get(key);
    if (entries === undefined) byNode.set(key, [entry]);
    else entries.push(entry);
  }
  return byNode;
}
