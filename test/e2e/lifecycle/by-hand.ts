import { expect } from '@jest/globals';
import { acknowledges, expires, registers, removedFrom } from '../course.js';
import { ACTIVE, gone } from '../held.js';
import { WINDOW_MS, type Scenarios } from './stage.js';

const WAIVED = [
  'none | REGISTER_NODE | pending_registration | NODE_REGISTRATION_INITIATED #1',
  'pending_registration | REGISTRATION_COMPLETED | accepted > active | NODE_REGISTRATION_ACCEPTED, NODE_BECAME_ACTIVE #1',
];

/** Nodes that an operator registers, on terms of his own. */
export const BY_HAND: Scenarios = {
  'waived and without heartbeats: active at once, and for good': async (stage) => {
    const node = stage.node('by-hand');
    await node.registered({ acknowledgement: 'waived', liveness: 'none' });
    const active = await node.hears('NODE_BECAME_ACTIVE');
    expect(active.envelope.payload['liveness_deadline']).toBeNull();
    expect((await node.hears('NODE_REGISTRATION_ACCEPTED')).envelope.payload['ack_timeout_ms']).toBeNull();
    await node.decided(await node.registered({ acknowledgement: 'waived', liveness: 'none' }));
    await node.registered({ node_version: '1.1.0' });
    await node.hears('NODE_REGISTRATION_UPDATED');
    // Silence of two windows, told by those who speak meanwhile.
    await stage.ear.when(
      () => stage.ear.records.find(({ appendedAt }) => appendedAt > active.appendedAt + 2 * WINDOW_MS),
      'two windows to pass',
      { patienceMs: 60_000 + 2 * WINDOW_MS },
    );
    await stage.ends(
      node,
      [
        ...WAIVED,
        'active | REGISTER_NODE | active | - duplicate',
        'active | REGISTER_NODE | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_COMPLETED | active | NODE_REGISTRATION_UPDATED #1',
      ],
      { ...ACTIVE, deadline: null, postgres: 'active effect 1.1.0' },
    );
  },

  'by default an operator waives both': async (stage) => {
    const node = stage.node('by-hand-default');
    await node.registered();
    await stage.ends(node, WAIVED, { ...ACTIVE, deadline: null });
  },

  'waived, with heartbeats: active at once, and as long as it beats': async (stage) => {
    const node = stage.node('by-hand-beating');
    await node.decided(await node.registered({ acknowledgement: 'waived', liveness: 'heartbeat' }));
    node.beat();
    const active = await node.hears('NODE_BECAME_ACTIVE');
    expect(active.envelope.payload['liveness_deadline']).toEqual(expect.any(String));
    await stage.ends(node, WAIVED, ACTIVE);
  },

  'waived, with heartbeats: expires in silence': async (stage) => {
    const node = stage.node('by-hand-silent');
    await node.registered({ acknowledgement: 'waived', liveness: 'heartbeat' });
    expect((await node.hears('NODE_LIVENESS_EXPIRED')).envelope.payload['last_heartbeat_at']).toBeNull();
    await stage.ends(node, [...WAIVED, expires(1), removedFrom('liveness_expired')], gone('liveness_expired'));
  },

  'acknowledged, without heartbeats: its beats count for nothing': async (stage) => {
    const node = stage.node('by-hand-acked');
    await node.registered({ acknowledgement: 'required', liveness: 'none' });
    await node.ack(await node.accepted());
    const received = await node.hears('NODE_REGISTRATION_ACK_RECEIVED');
    expect(received.envelope.payload['liveness_deadline']).toBeNull();
    const { eventId } = await node.heartbeat();
    const beat = await stage.ear.when(
      () => stage.ear.of('by-hand-acked').find(({ envelope }) => envelope.event_id === eventId),
      'the heartbeat',
    );
    await stage.isDone('heartbeats', beat);
    await stage.ends(node, [...registers('none', 1, 'REGISTER_NODE'), acknowledges(1)], { ...ACTIVE, deadline: null });
    expect(stage.ear.of('by-hand-acked', 'REGISTRY_REQUEST_INTROSPECTION')).toEqual([]);
  },

  'acknowledged, with heartbeats: as if it had come by itself': async (stage) => {
    const node = stage.node('by-hand-whole');
    await node.registered({ acknowledgement: 'required', liveness: 'heartbeat' });
    await node.activate();
    await stage.ends(node, [...registers('none', 1, 'REGISTER_NODE'), acknowledges(1)], ACTIVE);
  },

  'not admitted: rejected, so that the operator can read why': async (stage) => {
    const node = stage.node('by-hand-odd');
    await node.registered({ node_type: 'toaster' });
    await stage.ends(node, ['none | REGISTER_NODE | rejected | NODE_REGISTRATION_REJECTED #1'], {
      state: 'rejected',
      deadline: null,
      consul: [],
      postgres: null,
    });
  },
};
