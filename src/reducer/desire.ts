import { intentsFor } from './intents.js';
import { completion } from './progress.js';
import { ignore, take } from './rules.js';
import { IDLE, type Activation, type Deregistration, type Desired, type Initiated } from './state.js';
import type { ReducerInput, ReducerState, Request, Step } from './state.js';
import { validate, type Validated } from './validation.js';

/** A registration or an update: the record becomes the desired one. */
export function desireRecord(before: ReducerState | null, message: Initiated): Step {
  const state = before ?? IDLE;
  const { kind, health, attemptId, workflowVersion } = message.payload;
  if (workflowVersion <= state.workflowVersion) return ignore('stale', before, message);
  const validated = validate(state, message);
  if (!validated.ok) return refuseRecord(before, message, validated);
  const revision = revisionAfter(state);
  const desired = { revision, presence: 'present', health, attemptId, record: validated.record } as const;
  const request: Request = { kind, attemptId, workflowVersion, revision, reported: 'nothing' };
  const resets = kind === 'register' && (state.status === 'complete' || state.status === 'failed');
  const next: ReducerState = {
    ...state,
    status: 'pending',
    workflowVersion,
    desired,
    consulTypes: withType(state, desired),
    open: kind === 'update' ? [...state.open.filter((open) => open.kind !== 'update'), request] : [request],
  };
  const name = resets ? 'reset_and_desire_record' : 'desire_record';
  return take(name, before, next, intentsFor(next, desired, state, 'record'), message);
}

/** The node has acknowledged: same record, passing. Reports no progress of its own. */
export function desirePassing(before: ReducerState | null, message: Activation): Step {
  const { attemptId, workflowVersion } = message.payload;
  const current = before?.desired;
  if (before === null || current === undefined || current === null) return ignore('unknown_node', before, message);
  if (workflowVersion <= before.workflowVersion || current.presence === 'absent' || current.attemptId !== attemptId) {
    return ignore('stale', before, message);
  }
  const desired: Desired = { ...current, revision: revisionAfter(before), health: 'passing' };
  const next: ReducerState = { ...before, status: 'pending', workflowVersion, desired };
  return take('desire_passing', before, next, intentsFor(next, desired, before, 'health'), message);
}

/** Both backends are to forget the node. One that comes first leaves its version as a fence, and nothing to remove. */
export function desireAbsence(before: ReducerState | null, message: Deregistration): Step {
  const state = before ?? IDLE;
  const { attemptId, workflowVersion } = message.payload;
  if (workflowVersion <= state.workflowVersion) return ignore('stale', before, message);
  const revision = revisionAfter(state);
  const request: Request = { kind: 'deregister', attemptId, workflowVersion, revision, reported: 'nothing' };
  if (state.desired === null) {
    const next: ReducerState = { ...state, status: 'complete', workflowVersion, open: [] };
    return take('nothing_to_remove', before, next, [completion(message.payload.nodeId, request)], message);
  }
  const desired: Desired = { ...state.desired, revision, presence: 'absent', attemptId };
  const next: ReducerState = {
    ...state,
    status: 'pending',
    workflowVersion,
    desired,
    consulTypes: withType(state, desired),
    open: [request],
  };
  return take('desire_absence', before, next, intentsFor(next, desired, state, 'record'), message);
}

/** What was desired before stays desired; the request is answered at once. */
function refuseRecord(
  before: ReducerState | null,
  message: ReducerInput & Initiated,
  { code, message: text }: Extract<Validated, { ok: false }>,
): Step {
  const state = before ?? IDLE;
  const { nodeId, attemptId, workflowVersion, kind } = message.payload;
  const next: ReducerState = { ...state, status: 'failed', workflowVersion };
  const failed = {
    eventType: 'REGISTRATION_FAILED',
    payload: {
      nodeId,
      attemptId,
      workflowVersion,
      kind,
      revision: state.desired?.revision ?? 0,
      confirmed: [],
      pending: [],
      errors: [{ backend: null, errorCode: code, errorMessage: text }],
    },
  } as const;
  return take('refuse_record', before, next, [failed], message);
}

function revisionAfter(state: ReducerState): number {
  return (state.desired?.revision ?? 0) + 1;
}

/** The types under which Consul may hold the node once it is asked for the desired one, too. */
export function withType({ consulTypes }: ReducerState, { record }: Desired): ReducerState['consulTypes'] {
  return consulTypes.includes(record.nodeType) ? consulTypes : [...consulTypes, record.nodeType];
}
