import { describe, expect, it } from '@jest/globals';
import {
  change,
  die,
  hearAnswer,
  hearRequest,
  leave,
  newNode,
  start,
  type ChaosNode,
} from '../../src/chaos/fleet/chaos-node.js';
import type { Message, MessageType } from '../../src/messages/index.js';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');

function told<T extends MessageType>(
  eventType: T,
  payload: object,
  correlationId = 'life-1',
  eventId = `id-${eventType}`,
): Message<T> {
  const eventTimestamp = new Date(NOW).toISOString();
  return {
    eventId,
    eventType,
    eventTimestamp,
    sourceNodeId: 'registry',
    correlationId,
    causationId: null,
    payload: { nodeId: 'n', ...payload },
  } as unknown as Message<T>;
}

const ACCEPTED = told('NODE_REGISTRATION_ACCEPTED', { attemptId: 'a1', heartbeatIntervalMs: 3000, ackTimeoutMs: 1 });
const ACTIVE = told('NODE_BECAME_ACTIVE', { attemptId: 'a1' });
const EXPIRED = told('NODE_LIVENESS_EXPIRED', {});
const REQUEST = told('REGISTRY_REQUEST_INTROSPECTION', {}, 'question');

function active(): ChaosNode {
  const node = newNode('n', 0);
  start(node, 'life-1', NOW);
  hearAnswer(node, ACCEPTED, 'unused', NOW);
  hearAnswer(node, ACTIVE, 'unused', NOW);
  return node;
}

describe('a node of the chaos fleet', () => {
  it('introduces itself, acknowledges at once, and is active', () => {
    const node = newNode('n', 0);
    const [introspection] = start(node, 'life-1', NOW);
    expect(introspection).toMatchObject({
      eventType: 'NODE_INTROSPECTION',
      correlationId: 'life-1',
      payload: { reason: 'startup', incarnation: NOW, metadata: { edition: 1 } },
    });
    expect(hearAnswer(node, ACCEPTED, 'unused', NOW)).toMatchObject([
      { eventType: 'NODE_REGISTRATION_ACKED', payload: { attemptId: 'a1' } },
    ]);
    expect(hearAnswer(node, ACTIVE, 'unused', NOW)).toEqual([]);
    expect(node.state.status).toBe('active');
  });

  it('raises its incarnation with each start, even within one millisecond', () => {
    const node = active();
    start(node, 'life-2', NOW);
    expect(node).toMatchObject({ incarnation: NOW + 1, edition: 2, fate: 'stays', wasActive: false });
  });

  it('changes within one life, and says goodbye in it', () => {
    const node = active();
    expect(change(node)).toMatchObject([
      { correlationId: 'life-1', payload: { reason: 'capability_change', incarnation: NOW, metadata: { edition: 2 } } },
    ]);
    expect(leave(node)).toMatchObject([{ correlationId: 'life-1', payload: { reason: 'shutdown' } }]);
    expect(node.fate).toBe('left');
  });

  it('answers a request once, however many copies come', () => {
    const node = active();
    expect(hearRequest(node, REQUEST, 'new', NOW)).toMatchObject([
      { correlationId: 'life-1', payload: { reason: 'request' } },
    ]);
    expect(hearRequest(node, REQUEST, 'new', NOW)).toEqual([]);
  });

  it('comes back when it was taken for dead', () => {
    const node = active();
    expect(hearAnswer(node, EXPIRED, 'life-2', NOW + 5)).toMatchObject([
      { eventType: 'NODE_INTROSPECTION', correlationId: 'life-2', payload: { incarnation: NOW } },
    ]);
    expect(node).toMatchObject({ beganAt: NOW + 5, state: { status: 'introspected' } });
  });

  it.each([
    ['left', leave],
    ['dead', die],
  ])('says nothing more once it is %s', (_what, go) => {
    const node = active();
    go(node);
    expect(hearRequest(node, REQUEST, 'new', NOW)).toEqual([]);
    expect(hearAnswer(node, EXPIRED, 'new', NOW)).toEqual([]);
    expect(hearAnswer(node, told('NODE_REGISTRATION_ACCEPTED', { attemptId: 'a2' }), 'new', NOW)).toEqual([]);
  });
});
