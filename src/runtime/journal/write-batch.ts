import type { ClientBase } from 'pg';
import type { JournalEntry, StateChange } from './rows.js';

/** Another replica made a row that this batch took for missing: roll back, load again, decide again. */
export class ConcurrentStep extends Error {}

/**
 * Stores a batch in one statement: the rows that changed, and an entry for every step. Deadlines are armed from the
 * database's clock, so a step that was taken late gives the node its full time. Throws {@link ConcurrentStep}.
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
    ...columnsOf(created),
    ...columnsOf(moved),
    moved.map((change) => change.expectedVersion),
    ...entryColumns(entries),
  ]);
  const written = result.rows[0];
  if (written?.created !== created.length || written.moved !== moved.length || written.recorded !== entries.length) {
    throw new ConcurrentStep(`another replica decided on a node of this batch at the same time (${machine})`);
  }
}

const NEW_DEADLINE = `date_trunc('milliseconds', clock_timestamp()) + c.after_ms * interval '1 millisecond'`;
const WRITE = `
  with created as (
    insert into machine_states
      (machine, node_id, version, status, state, deadline_kind, deadline_at, last_heartbeat_at, updated_at)
    select $1, c.node_id, c.version, c.status, c.state::json, c.deadline_kind, ${NEW_DEADLINE},
      c.last_heartbeat_at, clock_timestamp()
    from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::boolean[], $9::timestamptz[])
      as c(node_id, version, status, state, deadline_kind, after_ms, keeps_deadline, last_heartbeat_at)
    on conflict (machine, node_id) do nothing
    returning 1
  ), moved as (
    update machine_states s set
      version = c.version,
      status = c.status,
      state = c.state::json,
      deadline_kind = case when c.keeps_deadline then s.deadline_kind else c.deadline_kind end,
      deadline_at = case when c.keeps_deadline then s.deadline_at else ${NEW_DEADLINE} end,
      last_heartbeat_at = c.last_heartbeat_at,
      updated_at = clock_timestamp()
    from unnest($10::text[], $11::int[], $12::text[], $13::text[], $14::text[], $15::float8[], $16::boolean[],
        $17::timestamptz[], $18::int[])
      as c(node_id, version, status, state, deadline_kind, after_ms, keeps_deadline, last_heartbeat_at, expected)
    where s.machine = $1 and s.node_id = c.node_id and s.version = c.expected
    returning 1
  ), recorded as (
    insert into journal
      (machine, node_id, event_id, version, event_type, input, context, rule, from_status, path, to_status, state_after,
       outputs, correlation_id, causation_id, occurred_at, contract_version)
    select $1, e.node_id, e.event_id, e.version, e.event_type, e.input::json, e.context::json, e.rule, e.from_status,
      e.path, e.to_status, e.state_after::json, e.outputs::json, e.correlation_id, e.causation_id, e.occurred_at,
      e.contract_version
    from unnest($19::text[], $20::uuid[], $21::int[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[],
        $27::text[], $28::text[], $29::text[], $30::text[], $31::uuid[], $32::uuid[], $33::timestamptz[], $34::text[])
      as e(node_id, event_id, version, event_type, input, context, rule, from_status, path, to_status, state_after,
           outputs, correlation_id, causation_id, occurred_at, contract_version)
    on conflict (machine, node_id, event_id) do nothing
    returning 1
  )
  select (select count(*)::int from created) as created, (select count(*)::int from moved) as moved,
    (select count(*)::int from recorded) as recorded`;

function columnsOf(changes: readonly StateChange[]): unknown[] {
  return [
    changes.map((change) => change.nodeId),
    changes.map((change) => change.version),
    changes.map((change) => change.state.status),
    changes.map((change) => JSON.stringify(change.state)),
    changes.map(({ deadline }) => (deadline === 'keep' || deadline === null ? null : deadline.kind)),
    changes.map(({ deadline }) => (deadline === 'keep' || deadline === null ? null : deadline.afterMs)),
    changes.map(({ deadline }) => deadline === 'keep'),
    changes.map((change) => change.lastHeartbeatAt),
  ];
}

function entryColumns(entries: readonly JournalEntry[]): unknown[] {
  return ENTRY_COLUMNS.map((column) => entries.map((entry) => entry[column]));
}

const ENTRY_COLUMNS = [
  'nodeId',
  'eventId',
  'version',
  'eventType',
  'input',
  'context',
  'rule',
  'fromStatus',
  'path',
  'toStatus',
  'stateAfter',
  'outputs',
  'correlationId',
  'causationId',
  'occurredAt',
  'contractVersion',
] as const satisfies readonly (keyof JournalEntry)[];
