import type { Input, MessageType, Output, ProposedRecord } from '../messages/index.js';

/** Where a workflow can rest. `accepted` and `ack_received` are passed through only. A node without state is in `none`. */
export type Status =
  | 'pending_registration'
  | 'accepted'
  | 'awaiting_ack'
  | 'ack_received'
  | 'active'
  | 'rejected'
  | 'ack_timed_out'
  | 'liveness_expired'
  | 'deregistering'
  | 'deregistered';

/** What the orchestrator knows of one node. Plain JSON; times are RFC 3339. */
export type WorkflowState = {
  readonly status: Status;
  /** Raised by every step that is not ignored; the reducer's fence. */
  readonly workflowVersion: number;
  /** `eventId` of the introspection or command that began the attempt. */
  readonly attemptId: string;
  /** Of that introspection or command; every output of the attempt carries it. */
  readonly correlationId: string;
  readonly acknowledgement: 'required' | 'waived';
  readonly liveness: 'heartbeat' | 'none';
  /**
   * How long the node may be silent: the window of the interval that it was told with *accepted*, so that it stays right when the
   * fleet's pace changes. Null before, and with liveness none.
   */
  readonly livenessWindowMs: number | null;
  /** Accepted with one backend still pending. */
  readonly degraded: boolean;
  readonly consulRegistered: boolean;
  readonly postgresRegistered: boolean;
  /** Revision of the desired record that was confirmed last; 0 before the first. */
  readonly revision: number;
  /** `workflowVersion` of the registration or deregistration whose progress is awaited. */
  readonly requestVersion: number;
  /** Updates of an active node that no progress has answered yet, oldest first. */
  readonly updates: readonly PendingUpdate[];
  readonly record: ProposedRecord;
  /** Canonical hash of `record`. */
  readonly recordHash: string;
  /** Why the node is rejected or gone; null while it takes part. */
  readonly reason: string | null;
  /** When the node was accepted first; kept when it registers again. */
  readonly registeredAt: string | null;
  /** When the present attempt became active; null before. What was heard earlier belongs to another life of the node. */
  readonly activeSince: string | null;
  readonly updatedAt: string;
  /** What the node signs with; absent as long as nothing is known of it. Only an operator replaces it. */
  readonly publicKey?: string;
};

export type PendingUpdate = { readonly workflowVersion: number; readonly changed: readonly string[] };

export type DeadlineKind = 'ack' | 'liveness' | 'degraded';

export type Timings = {
  readonly ackTimeoutMs: number;
  readonly livenessWindowMs: number;
  readonly heartbeatIntervalMs: number;
  readonly degradedAcceptAfterMs: number;
};

/** What a decision may use beside state and message; what it did use is journalled with the step, so a replay decides the same. */
export type Context = {
  readonly timings: Timings;
  /** The deadline columns of the node's row. */
  readonly deadline: { readonly kind: DeadlineKind; readonly at: string } | null;
  readonly lastHeartbeatAt: string | null;
  /** Nodes that take part now; null where admission has no limit. */
  readonly fleetSize: number | null;
  /** Who has signed the message; absent where nobody looks (SIGNED_EVENTS=off). */
  readonly authorship?: Authorship | undefined;
};

/** What is known of who says a message. The signature has been verified. */
export type Authorship = {
  /** warn: what is doubtful has its effect all the same. */
  readonly mode: 'warn' | 'required';
  /** A public key, REGISTRY_SIGNER, or null: nobody. */
  readonly signedBy: string | null;
};

/** Why it may be somebody else who speaks; `stale`: it may be a recording. */
export type Doubt = 'unsigned' | 'wrong_key' | 'stale';

/** Why a message changes nothing: a closed set, counted by the runtime. */
export type IgnoredReason =
  'duplicate' | 'too_early' | 'too_late' | 'stale' | 'unknown_node' | 'terminal' | 'unsigned' | 'wrong_key';

/**
 * Everything the runtime must do, in the order in which it must do it: store `state` and arm `deadline` in one transaction
 * with the journal entry, then publish `outputs`.
 */
export type Step = {
  /** Name of the rule taken, as in contract.yaml. */
  readonly rule: string;
  readonly state: WorkflowState | null;
  /** States gone through, the resting one last; empty when the state stays. */
  readonly path: readonly Status[];
  readonly outputs: readonly Output[];
  readonly correlationId: string;
  /** Armed as database clock at commit + `afterMs`; null disarms. */
  readonly deadline: { readonly kind: DeadlineKind; readonly afterMs: number } | null | 'keep';
  readonly ignored: IgnoredReason | null;
  /** The part of the context that the decision rests on. */
  readonly used: Partial<Context> | null;
  /** What was doubtful of a message that had its effect (mode warn). */
  readonly doubt?: Doubt;
};

/** Message types that the orchestrator decides on. */
export const INPUTS = [
  'NODE_INTROSPECTION',
  'REGISTER_NODE',
  'DEREGISTER_NODE',
  'NODE_REGISTRATION_ACKED',
  'NODE_HEARTBEAT',
  'DEADLINE_PASSED',
  'REGISTRATION_PARTIAL',
  'REGISTRATION_COMPLETED',
  'REGISTRATION_FAILED',
] as const satisfies readonly MessageType[];

export type InputType = (typeof INPUTS)[number];

export type Handler<T extends InputType> = (state: WorkflowState | null, message: Input<T>, context: Context) => Step;
