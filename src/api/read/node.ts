import type { JsonObject } from '../../messages/index.js';

/** States in which a node can be shown: those of the orchestrator's machine. `none` is a node that it does not know. */
export const NODE_STATES = [
  'pending_registration',
  'accepted',
  'awaiting_ack',
  'ack_received',
  'active',
  'rejected',
  'ack_timed_out',
  'liveness_expired',
  'deregistering',
  'deregistered',
] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** A node as the API shows it: REST as it is, GraphQL field by field. Times are RFC 3339, UTC. */
export type Node = {
  readonly nodeId: string;
  /** Null where a rejected node named none. */
  readonly nodeType: string | null;
  readonly nodeVersion: string;
  readonly state: NodeState;
  /** Accepted with one backend still pending. */
  readonly degraded: boolean;
  readonly capabilities: JsonObject;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata: JsonObject;
  /** Of the record that was confirmed to the workflow last; 0 before the first. Activation raises it once more, in the backends alone. */
  readonly revision: number;
  /** Event id of the introspection or command that began the present attempt. */
  readonly attemptId: string;
  readonly incarnation: number | null;
  /** When the node was accepted first; null before. */
  readonly registeredAt: string | null;
  readonly updatedAt: string;
  readonly lastHeartbeatAt: string | null;
  /** Ed25519, 32 bytes in base64url: what its messages are held against; null as long as none is known. */
  readonly publicKey: string | null;
};

/** What can be told of a node without its state. */
export type NodeSummary = Pick<Node, 'nodeId' | 'state'>;

/** A step of a node's workflow, as the journal keeps it; ignored messages included. */
export type HistoryItem = {
  /** Of the state after the step; an ignored message leaves it. */
  readonly version: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Of the orchestrator's contract; tells of an ignored message why. */
  readonly rule: string;
  /** `none` at first. */
  readonly fromStatus: string;
  /** States gone through: `pending_registration > accepted > awaiting_ack`. */
  readonly path: string;
  readonly toStatus: string;
  /** Append time of the message. */
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
};

/** What a list is narrowed to; all that are given have to hold. */
export type NodeFilter = {
  readonly state?: NodeState | undefined;
  readonly nodeType?: string | undefined;
  /** A capability tag, exactly. */
  readonly capability?: string | undefined;
  /** Text within the node id or a capability tag, whatever its case. */
  readonly q?: string | undefined;
};

/** Items, and where the next page begins; null at the end. */
export type Page<T, Position> = { readonly items: readonly T[]; readonly next: Position | null };

/** With the position of each item in the journal. */
export type HistoryPage = Page<HistoryItem, string> & { readonly positions: readonly string[] };
