import type { Handler } from '../state.js';
import { deregister } from './deregistration.js';

/** An operator, or the node itself, asks for the node to be taken out. */
export const deregisterNode: Handler<'DEREGISTER_NODE'> = (state, message) =>
  deregister(state, message, message.payload.reason ?? 'requested');
