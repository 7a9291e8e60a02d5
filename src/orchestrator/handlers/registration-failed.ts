import type { Input } from '../../messages/index.js';
import { advance, ignore, take } from '../rules.js';
import type { Handler, Step, WorkflowState } from '../state.js';
import { accept } from './acceptance.js';
import { awaitingRemoval, deregistrationInitiated } from './deregistration.js';
import { answeredUpdates, isCurrent, outOfPlace } from './progress.js';

type Failed = Input<'REGISTRATION_FAILED'>;

/** Every backend has answered, and at least one with a terminal error. */
export const registrationFailed: Handler<'REGISTRATION_FAILED'> = (state, message, context) => {
  const { kind, confirmed, revision } = message.payload;
  if (state?.status === 'pending_registration' && kind === 'register' && isCurrent(state, message)) {
    return confirmed.length > 0
      ? accept(state, message, context, { backends: confirmed, revision })
      : failRegistration(state, message);
  }
  if (state?.status === 'active' && kind === 'update' && message.payload.attemptId === state.attemptId) {
    const updates = answeredUpdates(state, message.payload.workflowVersion);
    if (updates.any) return failUpdate({ ...state, updates: updates.open }, message);
  }
  return ignore(outOfPlace(state, message), state, message);
};

function failRegistration(before: WorkflowState, message: Failed): Step {
  const reason = reasonOf(message);
  const state = awaitingRemoval(advance(before, message), reason);
  return take('fail_registration', {
    state,
    outputs: [
      {
        eventType: 'NODE_REGISTRATION_REJECTED',
        payload: { nodeId: state.record.nodeId, attemptId: state.attemptId, reasonCode: 'registration_failed', reason },
      },
      deregistrationInitiated(state, 'registration_failed'),
    ],
    deadline: null,
  });
}

/** The node stays active; the backend that failed keeps the old record. */
function failUpdate(state: WorkflowState, message: Failed): Step {
  const { revision, errors } = message.payload;
  return take('fail_update', {
    state: advance(state, message),
    outputs: [
      {
        eventType: 'NODE_REGISTRATION_UPDATE_FAILED',
        payload: { nodeId: state.record.nodeId, attemptId: state.attemptId, revision, errors },
      },
    ],
    deadline: 'keep',
  });
}

function reasonOf({ payload }: Failed): string {
  return (
    payload.errors.map((error) => `${error.errorCode}: ${error.errorMessage}`).join('; ') || 'no backend confirmed'
  );
}
