import { advance, ignore, take } from '../rules.js';
import type { Handler } from '../state.js';
import { announcedDeadline, becameActive, livenessDeadline } from './acceptance.js';

/** The node says that it is ready: only now is it active. */
export const nodeRegistrationAcked: Handler<'NODE_REGISTRATION_ACKED'> = (before, message) => {
  switch (before?.status) {
    case undefined:
      return ignore('unknown_node', before, message);
    case 'pending_registration':
      return ignore('too_early', before, message);
    case 'active':
      return ignore('duplicate', before, message);
    case 'ack_timed_out':
      return ignore('too_late', before, message);
    case 'awaiting_ack':
      break;
    default:
      return ignore('terminal', before, message);
  }
  const { attemptId } = message.payload;
  if (attemptId !== undefined && attemptId !== before.attemptId) return ignore('stale', before, message);
  const advanced = advance(before, message);
  const state = { ...advanced, activeSince: advanced.updatedAt };
  return take('acknowledge', {
    state,
    outputs: [
      {
        eventType: 'NODE_REGISTRATION_ACK_RECEIVED',
        payload: {
          nodeId: state.record.nodeId,
          attemptId: state.attemptId,
          livenessDeadline: announcedDeadline(state, message),
        },
      },
      becameActive(state, message),
    ],
    deadline: livenessDeadline(state),
  });
};
