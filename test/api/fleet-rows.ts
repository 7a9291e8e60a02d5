import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Status, WorkflowState } from '../../src/orchestrator/state.js';

export type NodeOf = {
  readonly nodeId: string;
  readonly status?: Status;
  readonly nodeType?: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly state?: Partial<WorkflowState>;
  readonly incarnation?: number | null;
  readonly lastHeartbeatAt?: string | null;
};

/** A state as the orchestrator would have left it. */
export function stateOf(node: NodeOf): WorkflowState {
  const { nodeId, status = 'active', nodeType = 'effect', capabilities = {}, incarnation = null } = node;
  return {
    status,
    workflowVersion: 3,
    attemptId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
    correlationId: '6f2d1c9e-4a5b-4c3d-8e7f-aabbccddeeff',
    acknowledgement: 'required',
    liveness: 'heartbeat',
    livenessWindowMs: 30_000,
    activeSince: '2026-11-21T09:00:00.000Z',
    degraded: false,
    consulRegistered: true,
    postgresRegistered: true,
    revision: 2,
    requestVersion: 1,
    updates: [],
    record: {
      nodeId,
      nodeType,
      nodeVersion: '1.4.0',
      capabilities,
      capabilityTags: Object.keys(capabilities).sort(),
      endpoints: { api: 'http://10.0.0.1:8080' },
      metadata: { zone: 'eu-1' },
      healthEndpoint: null,
      incarnation,
    },
    recordHash: '0',
    reason: null,
    registeredAt: '2026-11-21T08:00:00.000Z',
    updatedAt: '2026-11-21T08:00:01.000Z',
    ...node.state,
  };
}

/** Rows of the orchestrator and, as in real life, of the reducer, which nobody may be shown. */
export async function insertNodes(pool: Pool, nodes: readonly NodeOf[]): Promise<void> {
  const rows = nodes.map((node) => ({ id: node.nodeId, state: stateOf(node), seen: node.lastHeartbeatAt ?? null }));
  await pool.query(
    `insert into machine_states (machine, node_id, version, status, state, node_type, capability_tags, last_heartbeat_at, updated_at)
     select 'orchestrator', id, 3, status, state, state::json #>> '{record,nodeType}',
       (state::json #> '{record,capabilityTags}')::jsonb, seen, now()
     from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as n(id, status, state, seen)
     union all
     select 'reducer', id, 3, 'complete', '{"desired":null}', null, null, null, now() from unnest($1::text[]) as n(id)`,
    [
      rows.map(({ id }) => id),
      rows.map(({ state }) => state.status),
      rows.map(({ state }) => JSON.stringify(state)),
      rows.map(({ seen }) => seen),
    ],
  );
}

export type EntryOf = {
  readonly version: number;
  readonly eventType: string;
  readonly path: string;
  readonly machine?: string;
  readonly causationId?: string | null;
  readonly occurredAt?: string;
};

/** Entries of a node's journal, in this order; gives their event ids. */
export async function insertHistory(pool: Pool, nodeId: string, entries: readonly EntryOf[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { machine = 'orchestrator', version, eventType, path, ...rest } of entries) {
    const states = path.split(' > ');
    ids.push(randomUUID());
    await pool.query(
      `insert into journal (machine, node_id, event_id, version, event_type, input, rule, from_status, path, to_status,
         outputs, correlation_id, causation_id, occurred_at, contract_version)
       values ($1, $2, $3, $4, $5, '{}', 'a_rule', $6, $7, $8, '[]', '6f2d1c9e-4a5b-4c3d-8e7f-aabbccddeeff', $9, $10, '1.0.0')`,
      [
        machine,
        nodeId,
        ids.at(-1),
        version,
        eventType,
        states[0],
        path,
        states.at(-1),
        rest.causationId ?? null,
        rest.occurredAt ?? '2026-11-21T08:00:00.000Z',
      ],
    );
  }
  return ids;
}
