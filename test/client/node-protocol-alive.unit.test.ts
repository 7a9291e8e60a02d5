import { describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  answerRequest,
  goodbye,
  hear,
  heartbeat,
  introspect,
  type NodeState,
} from '../../src/client/index.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import type { Message } from '../../src/messages/index.js';
import { answer, ATTEMPT, CORRELATION, OTHER } from './answers.js';

const NODE = 'n-1';
const NEW = '44444444-4444-4444-8444-444444444444';
const DESCRIPTION = descriptionOf(NODE, 0, 1);
const introspected = introspect(DESCRIPTION, CORRELATION).state;
const accepted = acknowledge(NODE, hear(introspected, answer('NODE_REGISTRATION_ACCEPTED'))).state;
const active = hear(accepted, answer('NODE_BECAME_ACTIVE'));

function expired(eventTimestamp = '2026-01-01T00:01:00.000Z', correlationId = CORRELATION) {
  return {
    ...answer('NODE_BECAME_ACTIVE', { correlationId }),
    eventTimestamp,
    eventType: 'NODE_LIVENESS_EXPIRED',
    payload: { nodeId: NODE, lastHeartbeatAt: null, deadlineAt: eventTimestamp },
  } as Message<'NODE_LIVENESS_EXPIRED'>;
}

function request(targetNodeId?: string) {
  return {
    ...answer('NODE_BECAME_ACTIVE', { correlationId: OTHER }),
    eventType: 'REGISTRY_REQUEST_INTROSPECTION',
    payload: { nodeId: targetNodeId ?? 'rollcall', targetNodeId },
  } as Message<'REGISTRY_REQUEST_INTROSPECTION'>;
}

const states: Readonly<Record<string, NodeState>> = {
  introspected,
  accepted: hear(introspected, answer('NODE_REGISTRATION_ACCEPTED')),
  acknowledged: accepted,
  active,
  liveness_expired: hear(active, expired()),
  ack_timed_out: hear(accepted, answer('NODE_REGISTRATION_ACK_TIMED_OUT')),
  rejected: hear(introspected, answer('NODE_REGISTRATION_REJECTED')),
  left: goodbye(DESCRIPTION, active).state,
};

describe('an active node', () => {
  it('sends heartbeats, which nobody else does', () => {
    for (const [status, state] of Object.entries(states)) {
      expect(state.status).toBe(status);
      expect(heartbeat(NODE, state).says).toHaveLength(status === 'active' ? 1 : 0);
    }
    expect(heartbeat(NODE, active, { uptimeSeconds: 5 })).toMatchObject({
      state: active,
      says: [{ eventType: 'NODE_HEARTBEAT', correlationId: CORRELATION, payload: { nodeId: NODE, uptimeSeconds: 5 } }],
    });
  });

  it('knows its interval, also when it hears of its activity first', () => {
    expect(active).toMatchObject({ heartbeatIntervalMs: 10_000 });
    const early = hear(introspected, answer('NODE_BECAME_ACTIVE'));
    expect(early).toMatchObject({ status: 'active', heartbeatIntervalMs: null });
    expect(hear(early, answer('NODE_REGISTRATION_ACCEPTED'))).toEqual({ ...early, heartbeatIntervalMs: 10_000 });
    expect(hear(active, answer('NODE_REGISTRATION_ACCEPTED'))).toBe(active);
  });

  it('hears that it was taken for dead, unless that is older than its activity, or about another workflow', () => {
    expect(hear(active, expired())).toEqual({
      status: 'liveness_expired',
      correlationId: CORRELATION,
      attemptId: ATTEMPT,
    });
    expect(hear(active, expired('2025-12-31T23:59:59.000Z'))).toBe(active);
    expect(hear(active, expired(undefined, OTHER))).toBe(active);
    expect(hear(accepted, expired())).toBe(accepted);
  });

  it('is not brought back by copies of what it heard before', () => {
    const out = hear(active, expired());
    expect(hear(out, answer('NODE_REGISTRATION_ACCEPTED'))).toBe(out);
    expect(hear(out, answer('NODE_BECAME_ACTIVE'))).toBe(out);
    expect(hear(out, answer('NODE_REGISTRATION_ACCEPTED', { attemptId: OTHER }))).toMatchObject({ status: 'accepted' });
  });
});

describe('a node that is asked what it is', () => {
  it.each(['introspected', 'accepted', 'acknowledged', 'active'])(
    'says it in the same workflow while it is %s',
    (status) => {
      const state = states[status] as NodeState;
      const asked = request();
      expect(answerRequest(DESCRIPTION, state, asked, NEW)).toEqual({
        state,
        says: [
          {
            eventType: 'NODE_INTROSPECTION',
            correlationId: CORRELATION,
            causationId: asked.eventId,
            payload: { ...DESCRIPTION, reason: 'request' },
          },
        ],
      });
    },
  );

  it.each(['ack_timed_out', 'liveness_expired'])('begins a new workflow when it is %s', (status) => {
    const step = answerRequest(DESCRIPTION, states[status] as NodeState, request(NODE), NEW);
    expect(step).toMatchObject({
      state: { status: 'introspected', correlationId: NEW },
      says: [{ correlationId: NEW, payload: { incarnation: 1, reason: 'request' } }],
    });
  });

  it('is silent when it was rejected and all are asked, or when another one is', () => {
    expect(answerRequest(DESCRIPTION, states['rejected'] as NodeState, request(), NEW).says).toEqual([]);
    expect(answerRequest(DESCRIPTION, active, request('n-2'), NEW).says).toEqual([]);
  });
});
