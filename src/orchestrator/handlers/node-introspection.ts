import type { Admission } from '../admission.js';
import type { Handler } from '../state.js';
import { announced, isOlderIncarnation } from './announcement.js';
import { deregister } from './deregistration.js';
import { ignore } from '../rules.js';

/** A node describes itself; with reason `shutdown` it says goodbye. */
export function nodeIntrospection(admission: Admission): Handler<'NODE_INTROSPECTION'> {
  return (state, message, context) => {
    if (message.payload.reason === 'shutdown') {
      return isOlderIncarnation(state, message)
        ? ignore('stale', state, message)
        : deregister(state, message, 'shutdown');
    }
    return announced({
      state,
      message,
      context,
      admission,
      terms: { acknowledgement: 'required', liveness: 'heartbeat' },
      returns: message.payload.reason === 'startup',
    });
  };
}
