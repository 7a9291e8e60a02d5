import type { Input, Output, RegistrationRecord } from '../messages/catalogue.js';

export type Status = 'idle' | 'pending' | 'partial' | 'complete' | 'failed';
export type Backend = 'consul' | 'postgres';
export type NodeType = RegistrationRecord['nodeType'];

/** What the reducer wants both backends to hold of one node, and what it knows them to hold. Plain JSON. */
export type ReducerState = {
  readonly status: Status;
  /** Highest workflow version seen: what is older is dropped. */
  readonly workflowVersion: number;
  /** Null until the first valid record. */
  readonly desired: Desired | null;
  readonly consul: BackendState;
  readonly postgres: BackendState;
  /** Types under which Consul may hold the node: a type stays until a later write that removes it is confirmed. */
  readonly consulTypes: readonly NodeType[];
  /** Requests whose completion the orchestrator has not been told yet, oldest first. */
  readonly open: readonly Request[];
};

export type Desired = {
  readonly revision: number;
  readonly presence: 'present' | 'absent';
  readonly health: 'critical' | 'passing';
  readonly attemptId: string;
  readonly record: RegistrationRecord;
};

export type BackendState = {
  /** Revision confirmed last; 0 before the first. */
  readonly confirmed: number;
  /** Terminal error of a later revision, if that is what the backend answered last. */
  readonly failure: { readonly revision: number; readonly code: string; readonly message: string } | null;
};

/** A registration, update or deregistration on its way; `revision` is the first that fulfils it. */
export type Request = {
  readonly kind: 'register' | 'update' | 'deregister';
  readonly attemptId: string;
  readonly workflowVersion: number;
  readonly revision: number;
  readonly reported: 'nothing' | 'partial' | 'failed';
};

export type IgnoredReason = 'duplicate' | 'stale' | 'unknown_node';

/** What the runtime does with it, in this order: store `state` with the journal entry, then publish `outputs`. */
export type Step = {
  /** Name of the rule taken, as in contract.yaml. */
  readonly rule: string;
  readonly state: ReducerState | null;
  /** States gone through, the resting one last; empty when the status stays. */
  readonly path: readonly Status[];
  readonly outputs: readonly Output[];
  readonly correlationId: string;
  /** The reducer sets no deadlines. */
  readonly deadline: 'keep';
  readonly ignored: IgnoredReason | null;
  readonly used: null;
};

export type Initiated = Input<'NODE_REGISTRATION_INITIATED'>;
export type Deregistration = Input<'NODE_DEREGISTRATION_INITIATED'>;
export type Activation = Input<'NODE_BECAME_ACTIVE'>;
export type Confirmation = Input<
  'CONSUL_REGISTERED' | 'CONSUL_DEREGISTERED' | 'POSTGRES_REGISTRATION_UPSERTED' | 'POSTGRES_REGISTRATION_DEACTIVATED'
>;
export type Failure = Input<'REGISTRY_EFFECT_FAILED'>;
export type Drift = Input<'REGISTRY_DRIFT_DETECTED'>;
export type Removal = Input<'CONSUL_SERVICE_REMOVED'>;
export type ReducerInput = Initiated | Deregistration | Activation | Confirmation | Failure | Drift | Removal;

export const IDLE: ReducerState = {
  status: 'idle',
  workflowVersion: 0,
  desired: null,
  consul: { confirmed: 0, failure: null },
  postgres: { confirmed: 0, failure: null },
  consulTypes: [],
  open: [],
};
