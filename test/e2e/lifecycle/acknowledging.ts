import { expect } from '@jest/globals';
import { acknowledges, registers, removedFrom, timesOut } from '../course.js';
import { ACTIVE, AWAITING_ACK, gone } from '../held.js';
import type { Scenarios } from './stage.js';

/** A node says that it is ready: rightly, wrongly, twice, or too late. */
export const ACKNOWLEDGING: Scenarios = {
  'the ack of another attempt does not count, the right one does, and once': async (stage) => {
    const node = stage.node('acks');
    await node.introspect();
    const attemptId = await node.accepted();
    await node.decided(await node.ack('00000000-0000-4000-8000-000000000000'));
    await stage.ends(
      node,
      [...registers('none', 1), 'awaiting_ack | NODE_REGISTRATION_ACKED | awaiting_ack | - stale'],
      AWAITING_ACK,
    );
    await node.ack(attemptId);
    await node.hears('NODE_BECAME_ACTIVE');
    node.beat();
    await node.decided(await node.ack(attemptId));
    await stage.ends(
      node,
      [
        ...registers('none', 1),
        'awaiting_ack | NODE_REGISTRATION_ACKED | awaiting_ack | - stale',
        acknowledges(1),
        'active | NODE_REGISTRATION_ACKED | active | - duplicate',
      ],
      ACTIVE,
    );
  },

  'a heartbeat while the ack is awaited changes nothing': async (stage) => {
    const node = stage.node('beats-early');
    await node.introspect();
    const attemptId = await node.accepted();
    const { eventId } = await node.heartbeat();
    const beat = await stage.ear.when(
      () => stage.ear.of('beats-early').find(({ envelope }) => envelope.event_id === eventId),
      'the heartbeat',
    );
    await stage.isDone('heartbeats', beat);
    await stage.ends(node, registers('none', 1), AWAITING_ACK);
    await node.ack(attemptId);
    await node.hears('NODE_BECAME_ACTIVE');
    node.beat();
  },

  'an ack that does not come times out once, the node is asked to try again, and may fail again': async (stage) => {
    const node = stage.node('silent-twice');
    const first = await node.introspect();
    const timedOut = await node.hears('NODE_REGISTRATION_ACK_TIMED_OUT');
    const asked = await node.hears('REGISTRY_REQUEST_INTROSPECTION');
    expect(asked.envelope.payload).toEqual({ node_id: 'silent-twice', target_node_id: 'silent-twice' });
    const marker = await node.hears('DEADLINE_PASSED');
    expect(marker).toMatchObject({ topic: 'cmd.node-registration-acked.v1' });
    expect(timedOut.envelope.payload).toEqual({
      node_id: 'silent-twice',
      attempt_id: first.eventId,
      deadline_at: marker.envelope.event_timestamp,
    });
    await stage.ends(node, [...registers('none', 1), timesOut(1), removedFrom('ack_timed_out')], gone('ack_timed_out'));
    // Too late, and from another start of the process: neither counts.
    await node.decided(await node.ack(first.eventId));
    await node.decided(await node.introspect({ incarnation: 99, reason: 'request' }));
    await node.introspect({ reason: 'request' });
    await node.hears('NODE_REGISTRATION_ACK_TIMED_OUT', 2);
    await node.hears('REGISTRY_REQUEST_INTROSPECTION', 2);
    const twice = [
      ...registers('none', 1),
      timesOut(1),
      removedFrom('ack_timed_out'),
      'ack_timed_out | NODE_REGISTRATION_ACKED | ack_timed_out | - too_late',
      'ack_timed_out | NODE_INTROSPECTION | ack_timed_out | - stale',
      ...registers('ack_timed_out', 3),
      timesOut(3),
      removedFrom('ack_timed_out'),
    ];
    await stage.ends(node, twice, gone('ack_timed_out'));
    await node.introspect({ reason: 'request' });
    await node.activate(3);
    await stage.ends(node, [...twice, ...registers('ack_timed_out', 4), acknowledges(4)], ACTIVE);
    expect(stage.ear.of('silent-twice', 'DEADLINE_PASSED')).toHaveLength(2);
  },
};
