import { randomUUID } from 'node:crypto';
import type { AnswerType } from '../../src/client/index.js';
import type { Message, PayloadOf } from '../../src/messages/index.js';

export const CORRELATION = '11111111-1111-4111-8111-111111111111';
export const ATTEMPT = '22222222-2222-4222-8222-222222222222';
export const OTHER = '33333333-3333-4333-8333-333333333333';

/** What the registry answers node `n-1`, or the one that is named. */
export function answer(
  eventType: AnswerType,
  { nodeId = 'n-1', attemptId = ATTEMPT, correlationId = CORRELATION }: Partial<Record<'nodeId' | 'attemptId' | 'correlationId', string>> = {}, // prettier-ignore
): Message<AnswerType> {
  const ids = { nodeId, attemptId };
  const payloads: { readonly [T in AnswerType]: PayloadOf<T> } = {
    NODE_REGISTRATION_ACCEPTED: {
      ...ids,
      ackTimeoutMs: 30_000,
      heartbeatIntervalMs: 10_000,
      consulRegistered: true,
      postgresRegistered: true,
    },
    NODE_REGISTRATION_REJECTED: { ...ids, reasonCode: 'fleet_full', reason: 'the fleet is full' },
    NODE_REGISTRATION_ACK_TIMED_OUT: { ...ids, deadlineAt: '2026-01-01T00:00:30.000Z' },
    NODE_BECAME_ACTIVE: { ...ids, workflowVersion: 2, capabilities: {}, livenessDeadline: '2026-01-01T00:01:00.000Z' },
  };
  return {
    eventId: randomUUID(),
    eventType,
    eventTimestamp: '2026-01-01T00:00:00.000Z',
    sourceNodeId: 'rollcall',
    correlationId,
    causationId: null,
    payload: payloads[eventType],
  } as Message<AnswerType>;
}
