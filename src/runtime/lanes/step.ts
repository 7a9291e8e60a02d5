import type { Input, Output } from '../../messages/index.js';

export type DeadlineKind = 'ack' | 'liveness' | 'degraded';

/** What a decision may use beside state and message. */
export type StepContext = {
  readonly timings: Timings;
  readonly deadline: { readonly kind: DeadlineKind; readonly at: string } | null;
  readonly lastHeartbeatAt: string | null;
  /** Nodes that take part now; null where the contract sets no limit. */
  readonly fleetSize: number | null;
  /** Who has signed the message; absent where nobody looks. */
  readonly authorship?: Authorship | undefined;
};

/** What is known of who says a message: `signedBy` is a public key, the registry, or nobody. */
export type Authorship = { readonly mode: 'warn' | 'required'; readonly signedBy: string | null };

export type Timings = {
  readonly ackTimeoutMs: number;
  readonly livenessWindowMs: number;
  readonly heartbeatIntervalMs: number;
  readonly degradedAcceptAfterMs: number;
};

/** State of a machine: JSON with a status; null for a node that nothing is known of. */
export type MachineState = { readonly status: string } | null;

/**
 * What a pure component answers, and in which order it is carried out: `state` and `deadline` are stored with the journal
 * entry in one transaction, then `outputs` are published, then a deadline that they tell of begins (without outputs it began
 * as it was stored), then the offset is committed.
 */
export type Step = {
  readonly rule: string;
  readonly state: MachineState;
  readonly path: readonly string[];
  readonly outputs: readonly Output[];
  readonly correlationId: string;
  readonly deadline: { readonly kind: DeadlineKind; readonly afterMs: number } | null | 'keep';
  readonly ignored: string | null;
  readonly used: Partial<StepContext> | null;
  /** Why it may be somebody else who said it, of a message that had its effect all the same. */
  readonly doubt?: string;
};

/** A handler of a pure component. Bivariant on purpose: routing guarantees that it gets only what its contract names. */
export type MachineHandler = {
  readonly id: string;
  decide(state: MachineState, message: Input, context: StepContext): Step;
};
