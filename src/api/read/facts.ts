import type { NodeState } from './node.js';

/** A step of a node's workflow, with what its message said as far as it matters to people. Times are RFC 3339, UTC. */
export type StepFact = {
  readonly eventId: string;
  readonly eventType: string;
  /** Append time of the message. */
  readonly occurredAt: string;
  readonly causationId: string | null;
  /** As contract.yaml of the orchestrator names it. */
  readonly rule: string;
  /** States gone through, as the journal writes it. */
  readonly path: string;
  /** `source_node_id` of the message. */
  readonly source: string;
  readonly said: {
    readonly reason: string | null;
    /** Of a deadline, or what progress is the progress of. */
    readonly kind: string | null;
    readonly deadlineAt: string | null;
    readonly confirmed: readonly string[] | null;
    readonly pending: readonly string[] | null;
    readonly errors: readonly BackendError[] | null;
  };
  /** Message types, in the order in which they were published. */
  readonly outputs: readonly string[];
  /** Parts of the first output: why a node was turned down, what an update changed, when a silent node was heard last. */
  readonly told: {
    readonly reason: string | null;
    readonly changed: readonly string[] | null;
    readonly lastHeartbeatAt: string | null;
  };
};

export type BackendError = {
  readonly backend: string | null;
  readonly error_code: string;
  readonly error_message: string;
};

/** A message that one machine or the other has journalled: a link of the chain from cause to effect. */
export type LinkFact = Pick<StepFact, 'eventId' | 'eventType' | 'occurredAt' | 'causationId' | 'source'> & {
  readonly reason: string | null;
  /** Event ids of what was published because of it. */
  readonly outputIds: readonly string[];
};

export type IgnoredFact = {
  readonly rule: string;
  readonly eventType: string;
  readonly count: number;
  readonly newestAt: string;
};

/** The orchestrator's state, as far as it is told. */
export type WorkflowFact = {
  readonly status: NodeState;
  readonly liveness: 'heartbeat' | 'none';
  readonly degraded: boolean;
  readonly consulRegistered: boolean;
  readonly postgresRegistered: boolean;
};

/** What the reducer wants both backends to hold, and knows them to hold. */
export type DesiredFact = {
  readonly revision: number;
  readonly presence: 'present' | 'absent';
  readonly health: 'critical' | 'passing';
  readonly consul: BackendFact;
  readonly postgres: BackendFact;
};

export type BackendFact = {
  readonly confirmed: number;
  readonly failure: { readonly revision: number; readonly code: string; readonly message: string } | null;
};

/** All that an explanation is made of. */
export type Facts = {
  readonly nodeId: string;
  /** Null: as it is now. */
  readonly asOf: string | null;
  readonly state: WorkflowFact;
  /** The step that led into the present state. */
  readonly entered: StepFact;
  /** Steps since then, which left the state as it was: the newest few, oldest first, and how many there are. */
  readonly later: readonly StepFact[];
  readonly laterCount: number;
  /** The step that accepted the node without a backend, while that is still so. */
  readonly degradedBy: StepFact | null;
  /** Messages since then that changed nothing, by rule and type. */
  readonly ignored: readonly IgnoredFact[];
  /** The newest first. */
  readonly links: readonly LinkFact[];
  /** The introspection or command that began the present attempt; null where the journal has lost it. */
  readonly attempt: LinkFact | null;
  /** Null where the node was never desired. */
  readonly desired: DesiredFact | null;
  /** Columns that are not in the journal: null for a past moment. */
  readonly now: NowFact | null;
};

export type NowFact = {
  /** `passed`: by the database's clock, as the scanner sees it. */
  readonly deadline: { readonly kind: string; readonly at: string; readonly passed: boolean } | null;
  readonly lastHeartbeatAt: string | null;
};
