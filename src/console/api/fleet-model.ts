/** What the API says of nodes in a list: no requests here, so that what only counts and sorts needs no browser. */
import type { Node, NodeState } from '../../api-answers/answers.js';

/** A node in a list. */
export type ListedNode = Pick<
  Node,
  'nodeId' | 'nodeType' | 'nodeVersion' | 'state' | 'degraded' | 'capabilities' | 'updatedAt' | 'lastHeartbeatAt'
>;

/** In the order in which they are shown. */
export const NODE_STATES = [
  'active',
  'pending_registration',
  'accepted',
  'awaiting_ack',
  'ack_received',
  'rejected',
  'ack_timed_out',
  'liveness_expired',
  'deregistering',
  'deregistered',
] as const satisfies readonly NodeState[];

export const NODE_TYPES = ['effect', 'compute', 'reducer', 'orchestrator'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export type NodeFilter = {
  readonly q?: string;
  readonly state?: NodeState;
  readonly nodeType?: NodeType;
  readonly capability?: string;
};

/** A list: what it is narrowed to, and of which moment it is (null: now). */
export type ListOf = { readonly filter: NodeFilter; readonly asOf: string | null };

/** Nodes in the order of their ids, and where the next page begins; null at the end. */
export type NodesPage = { readonly nodes: readonly ListedNode[]; readonly next: string | null };

export const PAGE_SIZE = 100;
