import type { ClientBase } from 'pg';
import type { LoadedRows, NodeRow } from './rows.js';
import type { DeadlineKind, MachineState } from '../lanes/step.js';

type Row =
  | {
      kind: 'state';
      node_id: string;
      version: number;
      body: string;
      deadline_kind: DeadlineKind | null;
      deadline_at: Date | null;
      last_heartbeat_at: Date | null;
    }
  | { kind: 'outputs'; node_id: string; event_id: string; body: string };

/**
 * Everything a batch starts from, in one round trip: the rows of its nodes, locked in key order until the transaction
 * ends, and the recorded outputs of inputs that were decided before.
 */
export async function loadBatch(
  client: ClientBase,
  machine: string,
  inputs: readonly { readonly nodeId: string; readonly eventId: string }[],
): Promise<LoadedRows> {
  const nodeIds = [...new Set(inputs.map((input) => input.nodeId))];
  const result = await client.query<Row>(
    `with locked as materialized (
       select node_id, version, state::text as body, deadline_kind, deadline_at, last_heartbeat_at
       from machine_states
       where machine = $1 and node_id = any($2::text[])
       order by node_id
       for update
     )
     select 'state' as kind, node_id, null::uuid as event_id, version, body, deadline_kind, deadline_at, last_heartbeat_at
     from locked
     union all
     select 'outputs', j.node_id, j.event_id, null, j.outputs::text, null, null, null
     from unnest($3::text[], $4::uuid[]) as i(node_id, event_id)
     join journal j on j.machine = $1 and j.node_id = i.node_id and j.event_id = i.event_id`,
    [machine, nodeIds, inputs.map((input) => input.nodeId), inputs.map((input) => input.eventId)],
  );
  const rows = new Map<string, NodeRow>();
  const outputs = new Map<string, string>();
  for (const row of result.rows) {
    if (row.kind === 'outputs') outputs.set(`${row.node_id} ${row.event_id}`, row.body);
    else rows.set(row.node_id, nodeRow(row));
  }
  return { rows, outputs };
}

function nodeRow(row: Extract<Row, { kind: 'state' }>): NodeRow {
  return {
    version: row.version,
    state: JSON.parse(row.body) as MachineState,
    deadline:
      row.deadline_kind === null || row.deadline_at === null
        ? null
        : { kind: row.deadline_kind, at: row.deadline_at.toISOString() },
    lastHeartbeatAt: row.last_heartbeat_at?.toISOString() ?? null,
  };
}
