import type { Message } from '../messages/index.js';
import type { NodeState } from './node-protocol.js';

/** What the registry answers a node in the handshake. */
export const ANSWER_TYPES = [
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_REJECTED',
  'NODE_REGISTRATION_ACK_TIMED_OUT',
  'NODE_BECAME_ACTIVE',
] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

/** What a node that takes part has to hear, beside the answers, while it does. */
export const NOTICE_TYPES = ['NODE_LIVENESS_EXPIRED', 'REGISTRY_REQUEST_INTROSPECTION'] as const;

/** What a node hears beside that, if it wants to know what becomes of it. */
export const TOLD_TYPES = [
  'NODE_REGISTRATION_UPDATED',
  'NODE_REGISTRATION_UPDATE_FAILED',
  'NODE_REGISTRATION_CONVERGED',
  'NODE_DEREGISTERED',
] as const;

/** What puts a node that takes part out. */
export type EndType = 'NODE_LIVENESS_EXPIRED' | 'NODE_DEREGISTERED';

/**
 * Hears one answer, or that its silence was taken for its end, or that it was taken out. Returns the same state object when it
 * changes nothing.
 */
export function hear(state: NodeState, message: Message<AnswerType | EndType>): NodeState {
  if (state.status === 'left' || state.status === 'deregistered') return state;
  if (message.eventType === 'NODE_DEREGISTERED') return hearRemoval(state, message);
  if (message.correlationId !== state.correlationId) return state;
  if (message.eventType !== 'NODE_LIVENESS_EXPIRED') return hearAnswer(state, message);
  // One that is older than the present activity is about an earlier one.
  if (state.status !== 'active' || isBefore(message, state.since)) return state;
  return { status: 'liveness_expired', correlationId: state.correlationId, attemptId: state.attemptId };
}

/** An operator may have registered the node in its place, under another correlation id: what came later counts all the same. */
function hearRemoval(state: NodeState, message: Message<'NODE_DEREGISTERED'>): NodeState {
  const { correlationId } = state;
  const isOurs = message.correlationId === correlationId;
  const isLater = state.status === 'active' && !isBefore(message, state.since);
  return isOurs || isLater ? { status: 'deregistered', correlationId, reason: message.payload.reason } : state;
}

function hearAnswer(state: NodeState, answer: Message<AnswerType>): NodeState {
  const { correlationId } = state;
  const sameAttempt = 'attemptId' in state && state.attemptId === answer.payload.attemptId;
  switch (answer.eventType) {
    case 'NODE_REGISTRATION_ACCEPTED':
      if (sameAttempt) return intervalHeard(state, answer);
      return isFormer(state, answer) ? state : accepted(answer);
    case 'NODE_REGISTRATION_REJECTED':
      // A refused update leaves the registration that is running.
      if (state.status === 'active') return state;
      return {
        status: 'rejected',
        correlationId,
        reasonCode: answer.payload.reasonCode,
        reason: answer.payload.reason,
      };
    case 'NODE_REGISTRATION_ACK_TIMED_OUT':
      if (state.status === 'active' || ('attemptId' in state && !sameAttempt)) return state;
      return { status: 'ack_timed_out', correlationId, attemptId: answer.payload.attemptId };
    case 'NODE_BECAME_ACTIVE':
      if (state.status === 'active' || state.status === 'liveness_expired') return state;
      if ('attemptId' in state && !sameAttempt) return state;
      return {
        status: 'active',
        correlationId,
        attemptId: answer.payload.attemptId,
        heartbeatIntervalMs: 'heartbeatIntervalMs' in state ? state.heartbeatIntervalMs : null,
        since: answer.eventTimestamp,
      };
    default:
      return unexpected(answer);
  }
}

/** A late copy of the *accepted* of an attempt that another one has followed: its ack would be in vain. */
function isFormer(state: NodeState, answer: Message<'NODE_REGISTRATION_ACCEPTED'>): boolean {
  if (state.status === 'active') return isBefore(answer, state.since);
  return 'acceptedAt' in state && isBefore(answer, state.acceptedAt);
}

function accepted({
  correlationId,
  eventId,
  eventTimestamp,
  payload,
}: Message<'NODE_REGISTRATION_ACCEPTED'>): NodeState {
  const { attemptId, heartbeatIntervalMs, ackTimeoutMs } = payload;
  return {
    status: 'accepted',
    correlationId,
    attemptId,
    acceptedId: eventId,
    acceptedAt: eventTimestamp,
    heartbeatIntervalMs,
    ackTimeoutMs,
  };
}

/** The *accepted* of an attempt that is active already: it was overtaken. */
function intervalHeard(state: NodeState, { payload }: Message<'NODE_REGISTRATION_ACCEPTED'>): NodeState {
  if (state.status !== 'active' || state.heartbeatIntervalMs !== null) return state;
  return { ...state, heartbeatIntervalMs: payload.heartbeatIntervalMs };
}

function isBefore({ eventTimestamp }: Message, moment: string): boolean {
  return Date.parse(eventTimestamp) < Date.parse(moment);
}

function unexpected(answer: never): never {
  throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
}
