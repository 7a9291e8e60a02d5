import type { Backend, Input } from '../../messages/index.js';
import { advance, ignore, take } from '../rules.js';
import type { Context, Handler, Step, WorkflowState } from '../state.js';
import { accept } from './acceptance.js';
import { awaitingRemoval, deregistrationInitiated } from './deregistration.js';

type Marker = Input<'DEADLINE_PASSED'>;

/** A marker stands in the topic that it judges: what the node owed did not precede it. Another deadline's marker means nothing. */
export const deadlinePassed: Handler<'DEADLINE_PASSED'> = (state, message, context) => {
  if (state === null) return ignore('unknown_node', state, message);
  const { kind, deadlineAt } = message.payload;
  const armed = context.deadline;
  if (armed === null || armed.kind !== kind || Date.parse(armed.at) !== Date.parse(deadlineAt)) {
    return ignore('stale', state, message);
  }
  switch (kind) {
    case 'ack':
      return state.status === 'awaiting_ack' ? timeOutAck(state, message, context) : ignore('stale', state, message);
    case 'liveness':
      return state.status === 'active' ? expireLiveness(state, message, context) : ignore('stale', state, message);
    case 'degraded':
      return state.status === 'pending_registration'
        ? acceptLate(state, message, context)
        : ignore('stale', state, message);
  }
};

/** One backend has confirmed in time: the node need not wait for the other. */
function acceptLate(state: WorkflowState, message: Marker, context: Context): Step {
  const step = accept(state, message, context, { backends: confirmedBackends(state), revision: state.revision });
  return { ...step, used: { ...step.used, deadline: context.deadline } };
}

/** The registration is taken back, and the node is asked to try again. */
function timeOutAck(before: WorkflowState, message: Marker, context: Context): Step {
  const state = awaitingRemoval(advance(before, message), 'ack_timeout');
  const { nodeId } = state.record;
  return take('time_out_ack', {
    state,
    outputs: [
      {
        eventType: 'NODE_REGISTRATION_ACK_TIMED_OUT',
        payload: { nodeId, attemptId: state.attemptId, deadlineAt: message.payload.deadlineAt },
      },
      deregistrationInitiated(state, 'ack_timeout'),
      { eventType: 'REGISTRY_REQUEST_INTROSPECTION', payload: { nodeId, targetNodeId: nodeId } },
    ],
    deadline: null,
    used: { deadline: context.deadline },
  });
}

function expireLiveness(before: WorkflowState, message: Marker, context: Context): Step {
  const state = awaitingRemoval(advance(before, message), 'liveness_expired');
  return take('expire_liveness', {
    state,
    outputs: [
      {
        eventType: 'NODE_LIVENESS_EXPIRED',
        payload: {
          nodeId: state.record.nodeId,
          lastHeartbeatAt: heardSince(before.activeSince, context.lastHeartbeatAt),
          deadlineAt: message.payload.deadlineAt,
        },
      },
      deregistrationInitiated(state, 'liveness_expired'),
    ],
    deadline: null,
    used: { deadline: context.deadline, lastHeartbeatAt: context.lastHeartbeatAt },
  });
}

/** Both are append times of the log in one format, so their text compares like their time. */
function heardSince(activeSince: string | null, lastHeartbeatAt: string | null): string | null {
  return lastHeartbeatAt !== null && activeSince !== null && lastHeartbeatAt >= activeSince ? lastHeartbeatAt : null;
}

function confirmedBackends(state: WorkflowState): readonly Backend[] {
  return [
    ...(state.consulRegistered ? (['consul'] as const) : []),
    ...(state.postgresRegistered ? (['postgres'] as const) : []),
  ];
}
