import type { Admission } from '../admission.js';
import type { Handler } from '../state.js';
import { announced } from './announcement.js';

/** An operator registers a node, on terms of his own: without acknowledgement or heartbeats where the node cannot give them. */
export function registerNode(admission: Admission): Handler<'REGISTER_NODE'> {
  return (state, message, context) =>
    announced({
      state,
      message,
      context,
      admission,
      terms: { acknowledgement: message.payload.acknowledgement, liveness: message.payload.liveness },
      returns: true,
    });
}
