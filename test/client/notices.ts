import { randomUUID } from 'node:crypto';
import type { Message, PayloadOf } from '../../src/messages/index.js';
import { ATTEMPT, CORRELATION } from './answers.js';

type NoticeType =
  | 'NODE_REGISTRATION_UPDATED'
  | 'NODE_REGISTRATION_UPDATE_FAILED'
  | 'NODE_REGISTRATION_CONVERGED'
  | 'NODE_LIVENESS_EXPIRED'
  | 'NODE_DEREGISTERED'
  | 'REGISTRY_REQUEST_INTROSPECTION';

const ids = { nodeId: 'n-1', attemptId: ATTEMPT };
const LATER = '2026-01-01T00:01:00.000Z';

const PAYLOADS: { readonly [T in NoticeType]: PayloadOf<T> } = {
  NODE_REGISTRATION_UPDATED: { ...ids, revision: 2, changed: ['capabilities'] },
  NODE_REGISTRATION_UPDATE_FAILED: {
    ...ids,
    revision: 2,
    errors: [{ backend: 'consul', errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'no' }],
  },
  NODE_REGISTRATION_CONVERGED: ids,
  NODE_LIVENESS_EXPIRED: { nodeId: 'n-1', lastHeartbeatAt: null, deadlineAt: LATER },
  NODE_DEREGISTERED: { ...ids, reason: 'requested' },
  REGISTRY_REQUEST_INTROSPECTION: { nodeId: 'rollcall', targetNodeId: undefined },
};

/** What the registry tells node `n-1` beside its answers, a minute after them. */
export function notice<T extends NoticeType>(
  eventType: T,
  { correlationId = CORRELATION, eventTimestamp = LATER, ...payload }: { readonly correlationId?: string; readonly eventTimestamp?: string } & Partial<PayloadOf<T>> = {}, // prettier-ignore
): Message<T> {
  return {
    eventId: randomUUID(),
    eventType,
    eventTimestamp,
    sourceNodeId: 'rollcall',
    correlationId,
    causationId: null,
    payload: { ...PAYLOADS[eventType], ...payload },
  } as unknown as Message<T>;
}
