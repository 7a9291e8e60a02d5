import type { MessageType, Output } from '../messages/catalogue.js';
import type { IgnoredReason, ReducerInput, ReducerState, Status, Step } from './state.js';

/** What set a rule off: the field's names for the triggers of section 6 of the design. */
export type Trigger =
  | 'introspection_received'
  | 'activation_received'
  | 'deregistration_received'
  | 'consul_confirmed'
  | 'postgres_confirmed'
  | 'error_received'
  | 'drift_detected'
  | 'ghost_removed'
  | 'reset'
  | 'validation_failed';

type Rule = {
  readonly triggers: readonly Trigger[];
  /** Statuses that it may end in; `idle` is passed through on a reset. */
  readonly to: readonly Status[];
  readonly outputs: readonly MessageType[];
  /** `some_of`: one or two of them, as one answer can settle a registration and an update at once. */
  readonly outputsAre: 'exactly' | 'some_of';
};

const ANY: readonly Status[] = ['pending', 'partial', 'complete', 'failed'];
const SAME: readonly Status[] = [];
const INTENTS: readonly MessageType[] = ['CONSUL_INTENT', 'POSTGRES_INTENT'];
const REPORTS: readonly MessageType[] = ['REGISTRATION_PARTIAL', 'REGISTRATION_COMPLETED', 'REGISTRATION_FAILED'];
const CONFIRMED: readonly Trigger[] = ['consul_confirmed', 'postgres_confirmed'];

/** Every way in which desired and confirmed change. contract.yaml lists the same; boot compares the two. */
export const RULES = {
  desire_record: rule(['introspection_received'], ['pending'], INTENTS),
  reset_and_desire_record: rule(['reset', 'introspection_received'], ['pending'], INTENTS),
  refuse_record: rule(['validation_failed'], ['failed'], ['REGISTRATION_FAILED']),
  desire_passing: rule(['activation_received'], ['pending'], INTENTS),
  desire_absence: rule(['deregistration_received'], ['pending'], INTENTS),
  nothing_to_remove: rule(['deregistration_received'], ['complete'], ['REGISTRATION_COMPLETED']),
  note_confirmation: rule(CONFIRMED, ANY, []),
  report_confirmation: rule(CONFIRMED, ANY, REPORTS, 'some_of'),
  note_failure: rule(['error_received'], ANY, []),
  report_failure: rule(['error_received'], ANY, ['REGISTRATION_FAILED'], 'some_of'),
  reassert: rule(['drift_detected'], ['pending', 'partial'], INTENTS, 'some_of'),
  remove_ghost: rule(['drift_detected'], SAME, ['CONSUL_INTENT']),
  note_removal: rule(['ghost_removed'], SAME, []),
};

function rule(
  triggers: readonly Trigger[],
  to: readonly Status[],
  outputs: readonly MessageType[],
  outputsAre: Rule['outputsAre'] = 'exactly',
): Rule {
  return { triggers, to, outputs, outputsAre };
}

export type RuleName = keyof typeof RULES;

/** A step by `name` into `state`. */
export function take(
  name: RuleName,
  before: ReducerState | null,
  state: ReducerState,
  outputs: readonly Output[],
  message: ReducerInput,
): Step {
  const from = before?.status ?? 'idle';
  const through: readonly Status[] = name === 'reset_and_desire_record' ? ['idle'] : [];
  const moved = state.status === from && through.length === 0 ? [] : [state.status];
  return {
    rule: name,
    state,
    path: [...through, ...moved],
    outputs,
    correlationId: message.correlationId,
    deadline: 'keep',
    ignored: null,
    used: null,
  };
}

/** Nothing changes; the rule's name tells why. */
export function ignore(reason: IgnoredReason, state: ReducerState | null, message: ReducerInput): Step {
  return {
    rule: `ignore_${reason}`,
    state,
    path: [],
    outputs: [],
    correlationId: message.correlationId,
    deadline: 'keep',
    ignored: reason,
    used: null,
  };
}

export const IGNORED_REASONS: readonly IgnoredReason[] = ['duplicate', 'stale', 'unknown_node'];
