import { NotActive } from './membership.js';
import type { NodeState } from './node-protocol.js';

/** Why nobody should wait for the node to become active; null where it may yet. */
export function whyNotActive(nodeId: string, state: NodeState): NotActive | null {
  switch (state.status) {
    case 'rejected': {
      const { reasonCode, reason } = state;
      return new NotActive(
        'rejected',
        `${nodeId} is not admitted (${reasonCode}): ${reason}. Change it by update(), or mend what the registry admits and rejoin()`,
      );
    }
    case 'deregistered':
      return new NotActive('removed', `${nodeId} was taken out (${state.reason}): rejoin() brings it back`);
    case 'left':
      return new NotActive('left', `${nodeId} has left: join() makes another membership`);
    case 'introspected':
    case 'accepted':
    case 'acknowledged':
    case 'active':
    case 'ack_timed_out':
    case 'liveness_expired':
      return null;
  }
}
