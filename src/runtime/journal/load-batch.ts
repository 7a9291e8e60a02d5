import type { LoadedRows, NodeRow } from './rows.js';
import { entryKey, rowKey } from './rows.js';
import type { Lookup } from './transact.js';
import type { Queryable } from './due-deadlines.js';
import type { DeadlineKind, MachineState } from '../lanes/step.js';

type Row = { readonly machine: string; readonly node_id: string; readonly body: string } & (
  | {
      kind: 'state';
      version: number;
      deadline_kind: DeadlineKind | null;
      deadline_at: Date | null;
      last_heartbeat_at: Date | null;
    }
  | { kind: 'outputs'; event_id: string }
);

/**
 * What a batch starts from, in one round trip: rows, and the recorded outputs of inputs that were decided before. With `locks`
 * the rows stay as they are until the transaction ends; they are locked in the order of their keys.
 */
export async function loadBatch(database: Queryable, { rows, inputs }: Lookup, locks: boolean): Promise<LoadedRows> {
  const result = await database.query<Row>({
    name: locks ? 'load-batch-locked' : 'load-batch',
    text: LOAD(locks ? 'for no key update of s' : ''),
    values: [
      rows.map(({ machine }) => machine),
      rows.map(({ nodeId }) => nodeId),
      inputs.map(({ machine }) => machine),
      inputs.map(({ nodeId }) => nodeId),
      inputs.map(({ eventId }) => eventId),
    ],
  });
  const loaded = new Map<string, NodeRow>();
  const outputs = new Map<string, string>();
  for (const row of result.rows) {
    const { machine, node_id: nodeId } = row;
    if (row.kind === 'outputs') outputs.set(entryKey(machine, nodeId, row.event_id), row.body);
    else loaded.set(rowKey(machine, nodeId), nodeRow(row));
  }
  return { rows: loaded, outputs };
}

const LOAD = (locks: string): string => `
  with wanted as materialized (
    select * from unnest($1::text[], $2::text[]) as w(machine, node_id) order by 1, 2
  ), found as materialized (
    select found.* from wanted w, lateral (
      select s.machine, s.node_id, s.version, s.state as body, s.deadline_kind, s.deadline_at, s.last_heartbeat_at
      from machine_states s
      where s.machine = w.machine and s.node_id = w.node_id
      ${locks}
    ) as found
  )
  select 'state' as kind, machine, node_id, null::uuid as event_id, version, body, deadline_kind, deadline_at,
    last_heartbeat_at
  from found
  union all
  select 'outputs', j.machine, j.node_id, j.event_id, null, j.outputs, null, null, null
  from unnest($3::text[], $4::text[], $5::uuid[]) as i(machine, node_id, event_id)
  join journal j on j.machine = i.machine and j.node_id = i.node_id and j.event_id = i.event_id`;

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
