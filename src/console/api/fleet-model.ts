/** What the API says of nodes in a list: no requests here, so that what only counts and sorts needs no browser. */

/** A node in a list. Times are RFC 3339, UTC. */
export type ListedNode = {
  readonly nodeId: string;
  readonly nodeType: string | null;
  readonly nodeVersion: string;
  readonly state: NodeState;
  readonly degraded: boolean;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly updatedAt: string;
  readonly lastHeartbeatAt: string | null;
};

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
] as const;
export type NodeState = (typeof NODE_STATES)[number];

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
