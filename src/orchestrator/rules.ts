import { isoTime, type Input, type MessageType, type Output } from '../messages/index.js';
import type { IgnoredReason, Status, Step, WorkflowState } from './state.js';

type Rule = { readonly path: readonly Status[]; readonly outputs: readonly MessageType[] };

function rule<const P extends readonly Status[], const O extends readonly MessageType[]>(path: P, outputs: O) {
  return { path, outputs } as const satisfies Rule;
}

/** Every way in which a workflow moves. contract.yaml lists the same with what they are for; boot compares the two. */
export const RULES = {
  begin_attempt: rule(['pending_registration'], ['NODE_REGISTRATION_INITIATED']),
  restart_attempt: rule(['pending_registration'], ['NODE_REGISTRATION_INITIATED']),
  replace_attempt: rule(['pending_registration'], ['NODE_REGISTRATION_INITIATED']),
  begin_update: rule([], ['NODE_REGISTRATION_INITIATED']),
  pin_key: rule([], []),
  reject: rule(['rejected'], ['NODE_REGISTRATION_REJECTED']),
  refuse: rule([], ['NODE_REGISTRATION_REJECTED']),
  begin_deregistration: rule(['deregistering'], ['NODE_DEREGISTRATION_INITIATED']),
  finish_deregistration: rule(['deregistered'], ['NODE_DEREGISTERED']),
  await_other_backend: rule([], []),
  accept: rule(['accepted', 'awaiting_ack'], ['NODE_REGISTRATION_ACCEPTED']),
  accept_waived: rule(['accepted', 'active'], ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE']),
  accept_degraded: rule(['accepted', 'awaiting_ack'], ['NODE_REGISTRATION_ACCEPTED']),
  accept_degraded_waived: rule(['accepted', 'active'], ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE']),
  fail_registration: rule(['rejected'], ['NODE_REGISTRATION_REJECTED', 'NODE_DEREGISTRATION_INITIATED']),
  converge: rule([], ['NODE_REGISTRATION_CONVERGED']),
  finish_update: rule([], ['NODE_REGISTRATION_UPDATED']),
  fail_update: rule([], ['NODE_REGISTRATION_UPDATE_FAILED']),
  acknowledge: rule(['ack_received', 'active'], ['NODE_REGISTRATION_ACK_RECEIVED', 'NODE_BECAME_ACTIVE']),
  time_out_ack: rule(
    ['ack_timed_out'],
    ['NODE_REGISTRATION_ACK_TIMED_OUT', 'NODE_DEREGISTRATION_INITIATED', 'REGISTRY_REQUEST_INTROSPECTION'],
  ),
  expire_liveness: rule(['liveness_expired'], ['NODE_LIVENESS_EXPIRED', 'NODE_DEREGISTRATION_INITIATED']),
  extend_liveness: rule([], []),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** Outputs of a rule, in its order, each of its type: a missing or extra one does not compile. */
type OutputTuple<T extends readonly MessageType[]> = { readonly [Index in keyof T]: Output<T[Index]> };
type OutputsOf<R extends RuleName> = OutputTuple<(typeof RULES)[R]['outputs']>;

type Taken<R extends RuleName> = {
  /** What changes; status, workflowVersion and updatedAt follow from rule and message. */
  readonly state: WorkflowState;
  readonly outputs: OutputsOf<R>;
  readonly deadline: Step['deadline'];
  readonly used?: Step['used'];
  /** Where the outputs do not belong to the attempt of the state. */
  readonly correlationId?: string;
};

/** A step by `name`; `state` is what {@link advance} made, so its version is already the new one. */
export function take<R extends RuleName>(name: R, { state, outputs, deadline, used, correlationId }: Taken<R>): Step {
  const { path } = RULES[name];
  return {
    rule: name,
    state: { ...state, status: path.at(-1) ?? state.status },
    path,
    outputs,
    correlationId: correlationId ?? state.correlationId,
    deadline,
    ignored: null,
    used: used ?? null,
  };
}

/** The state one step further: what every step that is not ignored does. */
export function advance(state: WorkflowState, message: Input): WorkflowState {
  return { ...state, workflowVersion: state.workflowVersion + 1, updatedAt: isoTime(message.appendedAt) };
}

/** Nothing changes; the rule's name tells why. */
export function ignore(reason: IgnoredReason, state: WorkflowState | null, message: Input): Step {
  return {
    rule: `ignore_${reason}`,
    state,
    path: [],
    outputs: [],
    correlationId: state?.correlationId ?? message.correlationId,
    deadline: 'keep',
    ignored: reason,
    used: null,
  };
}

export const IGNORED_REASONS: readonly IgnoredReason[] = [
  'duplicate',
  'too_early',
  'too_late',
  'stale',
  'unknown_node',
  'terminal',
  'unsigned',
  'wrong_key',
];
