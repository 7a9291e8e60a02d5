import type { JsonObject } from '../../messages/index.js';
import type { Node, NodeState, NodeSummary } from './node.js';

/** Columns of {@link NodeRow}, for a select from machine_states. */
export const NODE_COLUMNS = 'node_id, state, last_heartbeat_at';

/** Columns of {@link SummaryRow}, likewise. */
export const SUMMARY_COLUMNS = 'node_id, status';

/** The part of the orchestrator's state that is shown. */
type StoredState = {
  readonly status: NodeState;
  readonly attemptId: string;
  readonly degraded: boolean;
  readonly revision: number;
  readonly record: {
    readonly nodeType: string;
    readonly nodeVersion: string;
    readonly capabilities: JsonObject;
    readonly endpoints: Readonly<Record<string, string>>;
    readonly metadata: JsonObject;
    readonly incarnation: number | null;
  };
  readonly registeredAt: string | null;
  readonly updatedAt: string;
  readonly publicKey?: string;
};

export type NodeRow = {
  readonly node_id: string;
  /** {@link StoredState}, as JSON text. */
  readonly state: string;
  readonly last_heartbeat_at: Date | null;
};

export type SummaryRow = { readonly node_id: string; readonly status: NodeState };

export function summaryOf({ node_id, status }: SummaryRow): NodeSummary {
  return { nodeId: node_id, state: status };
}

export function nodeOf({ node_id, state: text, last_heartbeat_at }: NodeRow): Node {
  const state = JSON.parse(text) as StoredState;
  const { record } = state;
  return {
    nodeId: node_id,
    nodeType: record.nodeType === '' ? null : record.nodeType,
    nodeVersion: record.nodeVersion,
    state: state.status,
    degraded: state.degraded,
    capabilities: record.capabilities,
    endpoints: record.endpoints,
    metadata: record.metadata,
    revision: state.revision,
    attemptId: state.attemptId,
    incarnation: record.incarnation,
    registeredAt: state.registeredAt,
    updatedAt: state.updatedAt,
    lastHeartbeatAt: last_heartbeat_at?.toISOString() ?? null,
    publicKey: state.publicKey ?? null,
  };
}
