import { ignore } from '../rules.js';
import type { Handler } from '../state.js';
import { livenessDeadline } from './acceptance.js';

/** An active node is alive. Moves the deadline columns only: neither state, nor version, nor journal. */
export const nodeHeartbeat: Handler<'NODE_HEARTBEAT'> = (state, message) => {
  if (state === null) return ignore('unknown_node', state, message);
  switch (state.status) {
    case 'pending_registration':
    case 'awaiting_ack':
      return ignore('too_early', state, message);
    case 'active':
      break;
    default:
      return ignore('terminal', state, message);
  }
  if (state.livenessWindowMs === null) return ignore('duplicate', state, message);
  return {
    rule: 'extend_liveness',
    state,
    path: [],
    outputs: [],
    correlationId: state.correlationId,
    deadline: livenessDeadline(state),
    ignored: null,
    used: null,
  };
};
