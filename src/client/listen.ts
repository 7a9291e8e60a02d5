import type { Message } from '../messages/index.js';
import { hear, type AnswerType, type EndType, type TOLD_TYPES } from './hear.js';
import type { MembershipEvents } from './membership.js';
import type { NodeState } from './node-protocol.js';

type Events = { readonly [E in keyof MembershipEvents]: readonly [event: E, ...told: MembershipEvents[E]] };
/** An event of a membership, with what it tells. */
export type Told = Events[keyof Events];

export type Listened = { readonly state: NodeState; readonly told: Told | null };

/**
 * What a message makes of a node, and what is told of it. The state changes once; what leaves it as it is may be told twice, where
 * it comes in copies.
 */
export function listen(state: NodeState, message: Message): Listened {
  switch (message.eventType) {
    case 'NODE_REGISTRATION_ACCEPTED':
    case 'NODE_REGISTRATION_REJECTED':
    case 'NODE_REGISTRATION_ACK_TIMED_OUT':
    case 'NODE_BECAME_ACTIVE':
    case 'NODE_LIVENESS_EXPIRED':
    case 'NODE_DEREGISTERED': {
      const next = hear(state, message);
      if (next === state) return { state, told: refusedChange(state, message) };
      // One that was active and is has learnt its interval, and no more.
      const isNews = state.status !== 'active' || next.status !== 'active';
      return { state: next, told: isNews ? toldBy(message) : null };
    }
    case 'NODE_REGISTRATION_UPDATED':
    case 'NODE_REGISTRATION_UPDATE_FAILED':
    case 'NODE_REGISTRATION_CONVERGED':
      return { state, told: message.correlationId === state.correlationId ? toldBy(message) : null };
    default:
      // A transport may bring more than was asked for.
      return { state, told: null };
  }
}

/** A change that was not admitted leaves the registration that is running. */
function refusedChange(state: NodeState, message: Message<AnswerType | EndType>): Told | null {
  if (message.eventType !== 'NODE_REGISTRATION_REJECTED' || state.status !== 'active') return null;
  if (message.correlationId !== state.correlationId) return null;
  const { reasonCode, reason } = message.payload;
  return ['updateFailed', { reason: `${reasonCode}: ${reason}`, errors: [] }];
}

function toldBy(message: Message<AnswerType | EndType | (typeof TOLD_TYPES)[number]>): Told {
  switch (message.eventType) {
    case 'NODE_REGISTRATION_ACCEPTED': {
      const { attemptId, ackTimeoutMs, consulRegistered, postgresRegistered } = message.payload;
      return ['accepted', { attemptId, ackTimeoutMs, consulRegistered, postgresRegistered }];
    }
    case 'NODE_REGISTRATION_REJECTED': {
      const { reasonCode, reason } = message.payload;
      return ['rejected', { reasonCode, reason }];
    }
    case 'NODE_REGISTRATION_ACK_TIMED_OUT':
      return ['expired', { cause: 'not_ready', deadlineAt: message.payload.deadlineAt }];
    case 'NODE_LIVENESS_EXPIRED':
      return ['expired', { cause: 'silence', deadlineAt: message.payload.deadlineAt }];
    case 'NODE_BECAME_ACTIVE':
      return ['active', { attemptId: message.payload.attemptId, since: message.eventTimestamp }];
    case 'NODE_DEREGISTERED':
      return ['removed', { reason: message.payload.reason }];
    case 'NODE_REGISTRATION_UPDATED': {
      const { revision, changed } = message.payload;
      return ['updated', { revision, changed }];
    }
    case 'NODE_REGISTRATION_UPDATE_FAILED': {
      const { errors } = message.payload;
      const reason = errors.map(({ errorCode, errorMessage }) => `${errorCode}: ${errorMessage}`).join('; ');
      return ['updateFailed', { reason, errors }];
    }
    case 'NODE_REGISTRATION_CONVERGED':
      return ['converged'];
  }
}
