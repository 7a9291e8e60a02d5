import { describe, expect, it } from '@jest/globals';
import {
  acknowledge,
  answerRequest,
  change,
  goodbye,
  hear,
  introspect,
  rejoin,
  remind,
  type NodeState,
} from '../../src/client/index.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import { answer, ATTEMPT, CORRELATION, OTHER } from './answers.js';
import { notice } from './notices.js';

const NODE = 'n-1';
const NEW = '44444444-4444-4444-8444-444444444444';
const DESCRIPTION = { ...descriptionOf(NODE, 0, 1), reason: 'capability_change' as const };

const introspected = introspect(DESCRIPTION, CORRELATION).state;
const accepted = hear(introspected, answer('NODE_REGISTRATION_ACCEPTED'));
const acknowledged = acknowledge(NODE, accepted).state;
const active = hear(acknowledged, answer('NODE_BECAME_ACTIVE'));

const STATES = {
  introspected,
  accepted,
  acknowledged,
  active,
  liveness_expired: hear(active, notice('NODE_LIVENESS_EXPIRED')),
  ack_timed_out: hear(acknowledged, answer('NODE_REGISTRATION_ACK_TIMED_OUT')),
  rejected: hear(introspected, answer('NODE_REGISTRATION_REJECTED')),
  deregistered: hear(active, notice('NODE_DEREGISTERED')),
  left: goodbye(DESCRIPTION, active).state,
} as const satisfies Record<NodeState['status'], NodeState>;

const TAKES_PART = ['introspected', 'accepted', 'acknowledged', 'active'];

/** What each function does in each state: the reason said with the correlation id, or nothing. */
const TABLE = {
  introspected: { change: 'same', rejoin: 'same', remind: 'same', goodbye: 'same', asked: 'same', named: 'same' },
  accepted: { change: 'same', rejoin: 'same', remind: 'none', goodbye: 'same', asked: 'same', named: 'same' },
  acknowledged: { change: 'same', rejoin: 'same', remind: 'same', goodbye: 'same', asked: 'same', named: 'same' },
  active: { change: 'same', rejoin: 'same', remind: 'none', goodbye: 'same', asked: 'same', named: 'same' },
  liveness_expired: { change: 'new', rejoin: 'new', remind: 'none', goodbye: 'same', asked: 'new', named: 'new' },
  ack_timed_out: { change: 'new', rejoin: 'new', remind: 'none', goodbye: 'same', asked: 'new', named: 'new' },
  rejected: { change: 'new', rejoin: 'new', remind: 'none', goodbye: 'none', asked: 'none', named: 'new' },
  deregistered: { change: 'none', rejoin: 'new', remind: 'none', goodbye: 'none', asked: 'none', named: 'none' },
  left: { change: 'none', rejoin: 'none', remind: 'none', goodbye: 'none', asked: 'none', named: 'none' },
} as const;

const request = notice('REGISTRY_REQUEST_INTROSPECTION');
const named = notice('REGISTRY_REQUEST_INTROSPECTION', { nodeId: NODE, targetNodeId: NODE });

const WAYS = {
  change: { reason: 'capability_change', cause: null, step: (state: NodeState) => change(DESCRIPTION, state, NEW) },
  rejoin: { reason: 'capability_change', cause: null, step: (state: NodeState) => rejoin(DESCRIPTION, state, NEW) },
  remind: { reason: 'request', cause: null, step: (state: NodeState) => remind(DESCRIPTION, state) },
  goodbye: { reason: 'shutdown', cause: null, step: (state: NodeState) => goodbye(DESCRIPTION, state) },
  asked: { reason: 'request', cause: request.eventId, step: (state: NodeState) => answerRequest(DESCRIPTION, state, request, NEW) }, // prettier-ignore
  named: { reason: 'request', cause: named.eventId, step: (state: NodeState) => answerRequest(DESCRIPTION, state, named, NEW) }, // prettier-ignore
} as const;

const CASES = Object.entries(TABLE).flatMap(([status, ways]) =>
  Object.entries(ways).map(([way, outcome]) => [status, way, outcome] as const),
);

describe('what a node says of itself', () => {
  it.each(CASES)('when it is %s: %s, in the %s workflow', (status, way, outcome) => {
    const state = STATES[status as keyof typeof STATES];
    expect(state.status).toBe(status);
    const { reason, cause, step } = WAYS[way as keyof typeof WAYS];
    const next = step(state);
    const correlationId = outcome === 'new' ? NEW : CORRELATION;
    const saying = { eventType: 'NODE_INTROSPECTION', correlationId, causationId: cause, payload: { ...DESCRIPTION, reason } }; // prettier-ignore
    expect(next.says).toEqual(outcome === 'none' ? [] : [saying]);
    if (way === 'goodbye') expect(next.state.status).toBe('left');
    else if (outcome === 'new') expect(next.state).toEqual({ status: 'introspected', correlationId: NEW });
    else expect(next.state).toBe(state);
  });

  it('goes through every state', () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(STATES).sort());
    expect(TAKES_PART.every((status) => TABLE[status as keyof typeof TABLE].change === 'same')).toBe(true);
  });
});

describe('a node that is taken out', () => {
  it('knows the reason, in every state but the last ones', () => {
    for (const [status, state] of Object.entries(STATES)) {
      const out = hear(state, notice('NODE_DEREGISTERED', { reason: 'by an operator' }));
      if (status === 'left' || status === 'deregistered') expect(out).toBe(state);
      else expect(out).toEqual({ status: 'deregistered', correlationId: CORRELATION, reason: 'by an operator' });
    }
  });

  it('is out, too, when somebody had registered it in its place', () => {
    expect(hear(active, notice('NODE_DEREGISTERED', { correlationId: OTHER })).status).toBe('deregistered');
  });

  it('is not, when that was before it became active, or is about somebody else who has just begun', () => {
    const before = { correlationId: OTHER, eventTimestamp: '2025-12-31T23:59:59.000Z' };
    expect(hear(active, notice('NODE_DEREGISTERED', before))).toBe(active);
    expect(hear(introspected, notice('NODE_DEREGISTERED', { correlationId: OTHER }))).toBe(introspected);
  });

  it('hears nothing more, whatever comes late', () => {
    for (const type of ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE', 'NODE_REGISTRATION_REJECTED'] as const) {
      for (const out of [STATES.deregistered, STATES.left]) expect(hear(out, answer(type))).toBe(out);
    }
  });
});

describe('a node whose registry has begun anew', () => {
  const again = { ...answer('NODE_REGISTRATION_ACCEPTED', { attemptId: OTHER }), eventTimestamp: '2026-01-01T00:02:00.000Z' }; // prettier-ignore

  it('acknowledges the later attempt', () => {
    const heard = hear(active, again);
    expect(heard).toMatchObject({ status: 'accepted', attemptId: OTHER, ackTimeoutMs: 30_000 });
    expect(acknowledge(NODE, heard).says).toMatchObject([{ payload: { nodeId: NODE, attemptId: OTHER } }]);
  });

  it('does not go back to the attempt before, when a copy of its accepted comes late', () => {
    const later = hear(acknowledged, again);
    expect(later).toMatchObject({ status: 'accepted', attemptId: OTHER });
    expect(hear(later, answer('NODE_REGISTRATION_ACCEPTED'))).toBe(later);
    const activeAgain = hear(acknowledge(NODE, later).state, {
      ...answer('NODE_BECAME_ACTIVE', { attemptId: OTHER }),
      eventTimestamp: '2026-01-01T00:02:01.000Z',
    });
    expect(activeAgain).toMatchObject({ status: 'active', attemptId: OTHER });
    expect(hear(activeAgain, answer('NODE_REGISTRATION_ACCEPTED', { attemptId: ATTEMPT }))).toBe(activeAgain);
  });
});
