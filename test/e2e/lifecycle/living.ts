import { expect } from '@jest/globals';
import { acknowledges, expires, leaves, registers, removedFrom } from '../course.js';
import { ACTIVE, gone } from '../held.js';
import { WINDOW_MS, type Scenarios, type Stage } from './stage.js';

/** Nodes that speak, and nodes that fall silent. */
export const LIVING: Scenarios = {
  'a node that beats stays active, window after window': async (stage) => {
    const { node, attemptId, soFar } = await stage.activeNode('talker');
    const received = await node.hears('NODE_REGISTRATION_ACK_RECEIVED');
    const deadline = received.envelope.payload['liveness_deadline'] as string;
    const acked = await node.hears('NODE_REGISTRATION_ACKED');
    expect(received.envelope.payload['attempt_id']).toBe(attemptId);
    expect(Date.parse(deadline)).toBe(acked.appendedAt + WINDOW_MS);
    await stage.ear.when(
      () =>
        stage.ear
          .of('talker', 'NODE_HEARTBEAT')
          .find(({ appendedAt }) => appendedAt > Date.parse(deadline) + 2 * WINDOW_MS),
      'beats of three windows',
      { patienceMs: 60_000 + 3 * WINDOW_MS },
    );
    await stage.ends(node, soFar, ACTIVE);
  },

  'a silent node expires, comes back, and expires again': async (stage) => {
    const { node, soFar } = await stage.activeNode('falls-silent');
    await node.heartbeat();
    await node.hush();
    const first = await node.hears('NODE_LIVENESS_EXPIRED');
    const passed = await node.hears('DEADLINE_PASSED');
    // Those before the marker in its partition.
    const beats = stage.ear.of('falls-silent', 'NODE_HEARTBEAT');
    expect(first.envelope.payload).toEqual({
      node_id: 'falls-silent',
      last_heartbeat_at: new Date(beats.at(-1)?.appendedAt ?? 0).toISOString(),
      deadline_at: passed.envelope.event_timestamp,
    });
    const once = [...soFar, expires(1), removedFrom('liveness_expired')];
    await stage.ends(node, once, gone('liveness_expired'));
    const [closed] = await stage.world.rows<{ closed: boolean }>(
      'select deregistered_at is not null as closed from node_registrations where node_id = $1',
      ['falls-silent'],
    );
    expect(closed).toEqual({ closed: true });
    await node.decided(await node.ack());
    await node.decided(await node.introspect({ incarnation: 99 }));
    await node.introspect({ reason: 'request' });
    await node.ack(await node.accepted(2));
    await node.hears('NODE_BECAME_ACTIVE', 2);
    // Not one beat since it came back.
    const second = await node.hears('NODE_LIVENESS_EXPIRED', 2);
    expect(second.envelope.payload['last_heartbeat_at']).toBeNull();
    expect(Date.parse(second.envelope.payload['deadline_at'] as string)).toBeGreaterThan(
      Date.parse(first.envelope.payload['deadline_at'] as string),
    );
    await stage.ends(
      node,
      [
        ...once,
        'liveness_expired | NODE_REGISTRATION_ACKED | liveness_expired | - terminal',
        'liveness_expired | NODE_INTROSPECTION | liveness_expired | - stale',
        ...registers('liveness_expired', 3),
        acknowledges(3),
        expires(3),
        removedFrom('liveness_expired'),
      ],
      gone('liveness_expired'),
    );
    await node.deregistered();
    await node.hears('NODE_DEREGISTERED');
    expect((await node.hears('NODE_DEREGISTERED')).envelope.payload).toMatchObject({ reason: 'requested' });
  },

  'an expired node that an operator takes out': async (stage) => {
    const { node, soFar } = await stage.activeNode('expired-and-out');
    await node.hush();
    await node.hears('NODE_LIVENESS_EXPIRED');
    await stage.ends(node, [...soFar, expires(1), removedFrom('liveness_expired')], gone('liveness_expired'));
    await node.deregistered();
    await stage.ends(
      node,
      [...soFar, expires(1), removedFrom('liveness_expired'), ...leaves('liveness_expired', 'DEREGISTER_NODE', 1)],
      gone('deregistered'),
    );
  },

  'an unknown node that beats is asked who it is, once': async (stage) => {
    await askedOnce(stage, 'stranger');
    const node = stage.node('stranger');
    await node.introspect();
    await node.activate();
    await stage.ends(node, [...registers('none', 1), acknowledges(1)], ACTIVE);
  },

  'a node that beats after it expired is asked to come back, once': async (stage) => {
    const { node, soFar } = await stage.activeNode('revenant');
    await node.hush();
    await node.hears('NODE_LIVENESS_EXPIRED');
    await askedOnce(stage, 'revenant');
    const expired = [...soFar, expires(1), removedFrom('liveness_expired')];
    await stage.ends(node, expired, gone('liveness_expired'));
    await node.introspect({ reason: 'request' });
    await node.activate(2);
    await stage.ends(node, [...expired, ...registers('liveness_expired', 2), acknowledges(2)], ACTIVE);
  },
};

/** Beats five times, one after the other, and is asked at the first. */
async function askedOnce(stage: Stage, nodeId: string): Promise<void> {
  const node = stage.node(nodeId);
  const before = stage.ear.of(nodeId, 'REGISTRY_REQUEST_INTROSPECTION').length;
  const first = await node.heartbeat();
  const asked = await node.hears('REGISTRY_REQUEST_INTROSPECTION', before + 1);
  expect(asked.envelope).toMatchObject({
    causation_id: first.eventId,
    correlation_id: first.correlationId,
    payload: { node_id: nodeId, target_node_id: nodeId },
  });
  for (let count = 0; count < 4; count++) {
    const { eventId } = await node.heartbeat();
    const beat = await stage.ear.when(
      () => stage.ear.of(nodeId, 'NODE_HEARTBEAT').find(({ envelope }) => envelope.event_id === eventId),
      'the heartbeat',
    );
    await stage.isDone('heartbeats', beat);
  }
  expect(stage.ear.of(nodeId, 'REGISTRY_REQUEST_INTROSPECTION')).toHaveLength(before + 1);
}
