import { advance, ignore, take } from '../rules.js';
import type { Handler, Step, WorkflowState } from '../state.js';
import { accept } from './acceptance.js';
import { answeredUpdates, isCurrent, outOfPlace, type Progress } from './progress.js';
import { BACKENDS, type Input } from '../../messages/index.js';

type Completed = Input<'REGISTRATION_COMPLETED'>;

/** Both backends hold what was asked for. */
export const registrationCompleted: Handler<'REGISTRATION_COMPLETED'> = (state, message, context) => {
  switch (state?.status) {
    case 'pending_registration':
      return message.payload.kind === 'register' && isCurrent(state, message)
        ? accept(state, message, context, { backends: BACKENDS, revision: message.payload.revision })
        : passOver(state, message);
    case 'awaiting_ack':
    case 'active':
      return settled(state, message);
    case 'deregistering':
      return message.payload.kind === 'deregister' && isCurrent(state, message)
        ? finishDeregistration(state, message)
        : passOver(state, message);
    default:
      return passOver(state, message);
  }
};

/** The node is accepted: a missing backend has come, or an update is through. */
function settled(state: WorkflowState, message: Completed): Step {
  const { kind, attemptId, revision, workflowVersion } = message.payload;
  if (attemptId !== state.attemptId) return passOver(state, message);
  if (kind === 'register' && state.degraded && isCurrent(state, message)) {
    return take('converge', {
      state: {
        ...advance(state, message),
        degraded: false,
        consulRegistered: true,
        postgresRegistered: true,
        revision: Math.max(state.revision, revision),
      },
      outputs: [
        {
          eventType: 'NODE_REGISTRATION_CONVERGED',
          payload: { nodeId: state.record.nodeId, attemptId: state.attemptId },
        },
      ],
      deadline: 'keep',
    });
  }
  const updates = answeredUpdates(state, workflowVersion);
  if (kind !== 'update' || state.status !== 'active' || !updates.any) return passOver(state, message);
  return take('finish_update', {
    state: { ...advance(state, message), updates: updates.open, revision },
    outputs: [
      {
        eventType: 'NODE_REGISTRATION_UPDATED',
        payload: { nodeId: state.record.nodeId, attemptId, revision, changed: updates.changed },
      },
    ],
    deadline: 'keep',
  });
}

function finishDeregistration(state: WorkflowState, message: Completed): Step {
  const { revision } = message.payload;
  return take('finish_deregistration', {
    state: { ...advance(state, message), revision, consulRegistered: false, postgresRegistered: false },
    outputs: [
      {
        eventType: 'NODE_DEREGISTERED',
        payload: { nodeId: state.record.nodeId, attemptId: state.attemptId, reason: state.reason ?? 'requested' },
      },
    ],
    deadline: null,
  });
}

function passOver(state: WorkflowState | null, message: Progress): Step {
  return ignore(outOfPlace(state, message), state, message);
}
