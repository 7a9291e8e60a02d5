import type { ClientBase } from 'pg';
import type { JournalEntry, StateChange } from './rows.js';

/** Another replica made a row that this batch took for missing: roll back, load again, decide again. */
export class ConcurrentStep extends Error {}

/**
 * Stores a batch in one statement: the rows that changed, and an entry for every step. Deadlines are armed from the
 * database's clock, so a step that was taken late gives the node its full time; those that outputs tell of begin only when
 * these are published (start-deadlines.ts). Throws {@link ConcurrentStep}.
 */
export async function writeBatch(
  client: ClientBase,
  machine: string,
  changes: readonly StateChange[],
  entries: readonly JournalEntry[],
): Promise<void> {
  const created = changes.filter((change) => change.expectedVersion === 0);
  const moved = changes.filter((change) => change.expectedVersion > 0);
  const result = await client.query<{ created: number; moved: number; recorded: number }>(WRITE, [
    machine,
    jsonArray(created, stateRow),
    jsonArray(moved, stateRow),
    jsonArray(entries, journalRow),
  ]);
  const written = result.rows[0];
  if (written?.created !== created.length || written.moved !== moved.length || written.recorded !== entries.length) {
    throw new ConcurrentStep(`another replica decided on a node of this batch at the same time (${machine})`);
  }
}

const STATE_COLUMNS = `node_id text, expected integer, version integer, status text, state json, deadline_kind text,
  after_ms integer, announced_by uuid, keeps_deadline boolean, last_heartbeat_at timestamptz`;
const NEW_DEADLINE = `case when c.announced_by is null
      then date_trunc('milliseconds', clock_timestamp()) + c.after_ms * interval '1 millisecond' end`;
const WRITE = `
  with created as (
    insert into machine_states
      (machine, node_id, version, status, state, deadline_kind, deadline_after_ms, deadline_announced_by,
       deadline_at, last_heartbeat_at, updated_at)
    select $1, c.node_id, c.version, c.status, c.state, c.deadline_kind, c.after_ms, c.announced_by,
      ${NEW_DEADLINE}, c.last_heartbeat_at, clock_timestamp()
    from json_to_recordset($2::json) as c(${STATE_COLUMNS})
    on conflict (machine, node_id) do nothing
    returning 1
  ), moved as (
    update machine_states s set
      version = c.version,
      status = c.status,
      state = coalesce(c.state, s.state),
      deadline_kind = case when c.keeps_deadline then s.deadline_kind else c.deadline_kind end,
      deadline_after_ms = case when c.keeps_deadline then s.deadline_after_ms else c.after_ms end,
      deadline_announced_by = case when c.keeps_deadline then s.deadline_announced_by else c.announced_by end,
      deadline_at = case when c.keeps_deadline then s.deadline_at else ${NEW_DEADLINE} end,
      last_heartbeat_at = c.last_heartbeat_at,
      updated_at = clock_timestamp()
    from json_to_recordset($3::json) as c(${STATE_COLUMNS})
    where s.machine = $1 and s.node_id = c.node_id and s.version = c.expected
    returning 1
  ), recorded as (
    insert into journal
      (machine, node_id, event_id, version, event_type, input, context, rule, from_status, path, to_status, state_after,
       outputs, correlation_id, causation_id, occurred_at, contract_version)
    select $1, e.node_id, e.event_id, e.version, e.event_type, e.input, e.context, e.rule, e.from_status, e.path,
      e.to_status, e.state_after, e.outputs, e.correlation_id, e.causation_id, e.occurred_at, e.contract_version
    from json_to_recordset($4::json) as e(
      node_id text, event_id uuid, version integer, event_type text, input json, context json, rule text,
      from_status text, path text, to_status text, state_after json, outputs json, correlation_id uuid,
      causation_id uuid, occurred_at timestamptz, contract_version text)
    on conflict (machine, node_id, event_id) do nothing
    returning 1
  )
  select (select count(*)::int from created) as created, (select count(*)::int from moved) as moved,
    (select count(*)::int from recorded) as recorded`;

/**
 * Rows go over as one JSON text: what is JSON already (states, inputs, outputs) is put in as it is, where an array
 * parameter would escape it here and parse it there. PostgreSQL keeps the text of `json` columns to the byte.
 */
function jsonArray<T>(rows: readonly T[], rowOf: (row: T) => string): string {
  return `[${rows.map(rowOf).join(',')}]`;
}

function stateRow(change: StateChange): string {
  const { nodeId, expectedVersion, version, status, state, deadline, announcedBy, lastHeartbeatAt } = change;
  const keeps = deadline === 'keep';
  const armed = keeps || deadline === null ? null : deadline;
  return (
    `{"node_id":${text(nodeId)},"expected":${expectedVersion},"version":${version},"status":${text(status)},` +
    `"state":${state},"deadline_kind":${text(armed?.kind ?? null)},"after_ms":${armed?.afterMs ?? null},` +
    `"announced_by":${text(announcedBy)},"keeps_deadline":${keeps},"last_heartbeat_at":${text(lastHeartbeatAt)}}`
  );
}

function journalRow(entry: JournalEntry): string {
  return (
    `{"node_id":${text(entry.nodeId)},"event_id":${text(entry.eventId)},"version":${entry.version},` +
    `"event_type":${text(entry.eventType)},"input":${entry.input},"context":${entry.context},"rule":${text(entry.rule)},` +
    `"from_status":${text(entry.fromStatus)},"path":${text(entry.path)},"to_status":${text(entry.toStatus)},` +
    `"state_after":${entry.stateAfter},"outputs":${entry.outputs},"correlation_id":${text(entry.correlationId)},` +
    `"causation_id":${text(entry.causationId)},"occurred_at":${text(entry.occurredAt)},` +
    `"contract_version":${text(entry.contractVersion)}}`
  );
}

function text(value: string | null): string {
  return value === null ? 'null' : JSON.stringify(value);
}
