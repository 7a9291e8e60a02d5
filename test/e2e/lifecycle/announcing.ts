import { expect } from '@jest/globals';
import { acknowledges, leaves, registers, removedFrom } from '../course.js';
import { ACTIVE, AWAITING_ACK, gone } from '../held.js';
import { REFUSED_BY_CONSUL } from './refusing-consul.js';
import type { Scenarios } from './stage.js';

const REJECTED = { state: 'rejected', deadline: null, consul: [], postgres: null } as const;

/** A node describes itself, for the first time and again. */
export const ANNOUNCING: Scenarios = {
  'a first registration': async (stage) => {
    const node = stage.node('first');
    const { eventId } = await node.introspect();
    const accepted = await node.hears('NODE_REGISTRATION_ACCEPTED');
    expect(accepted.envelope.payload).toEqual({
      node_id: 'first',
      attempt_id: eventId,
      ack_timeout_ms: expect.any(Number),
      heartbeat_interval_ms: expect.any(Number),
      consul_registered: true,
      postgres_registered: true,
    });
    await node.activate();
    await stage.ends(node, [...registers('none', 1), acknowledges(1)], ACTIVE);
  },

  'rejected for its type, and back with another': async (stage) => {
    const node = stage.node('odd-type');
    await node.introspect({ node_type: 'toaster' });
    const { envelope } = await node.hears('NODE_REGISTRATION_REJECTED');
    expect(envelope.payload).toMatchObject({ reason_code: 'unknown_node_type' });
    await stage.ends(node, ['none | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #1'], REJECTED);
    await node.introspect({ node_type: undefined });
    await node.hears('NODE_REGISTRATION_REJECTED', 2);
    await node.decided(await node.introspect({ incarnation: 99 }));
    await node.introspect();
    await node.activate();
    await stage.ends(
      node,
      [
        'none | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #1',
        'rejected | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #2',
        'rejected | NODE_INTROSPECTION | rejected | - stale',
        ...registers('rejected', 4),
        acknowledges(4),
      ],
      ACTIVE,
    );
  },

  'rejected, and taken out': async (stage) => {
    const node = stage.node('rejected-and-out');
    await node.decided(await node.introspect({ node_type: 'toaster' }));
    await node.decided(await node.ack());
    await node.deregistered();
    await stage.ends(
      node,
      [
        'none | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #1',
        'rejected | NODE_REGISTRATION_ACKED | rejected | - terminal',
        ...leaves('rejected', 'DEREGISTER_NODE', 1),
      ],
      { ...REJECTED, state: 'deregistered' },
    );
  },

  'awaiting its ack: the same, an older and an inadmissible introspection leave the attempt': async (stage) => {
    const node = stage.node('awaiting');
    await node.introspect();
    const attemptId = await node.accepted();
    for (const fields of [{}, { incarnation: undefined }, { incarnation: 99 }, { node_type: 'toaster' }]) {
      await node.decided(await node.introspect(fields));
    }
    await stage.ends(
      node,
      [
        ...registers('none', 1),
        'awaiting_ack | NODE_INTROSPECTION | awaiting_ack | - duplicate',
        'awaiting_ack | NODE_INTROSPECTION | awaiting_ack | - duplicate',
        'awaiting_ack | NODE_INTROSPECTION | awaiting_ack | - stale',
        'awaiting_ack | NODE_INTROSPECTION | awaiting_ack | NODE_REGISTRATION_REJECTED #5',
      ],
      AWAITING_ACK,
    );
    await node.ack(attemptId);
    await node.hears('NODE_BECAME_ACTIVE');
    node.beat();
  },

  'awaiting its ack: a changed record begins anew, and the old ack no longer counts': async (stage) => {
    const node = stage.node('awaiting-changed');
    await node.introspect();
    const first = await node.accepted();
    await node.introspect({ node_version: '2.0.0', reason: 'capability_change' });
    await node.accepted(2);
    await node.decided(await node.ack(first));
    await node.ack();
    await node.hears('NODE_BECAME_ACTIVE');
    node.beat();
    await stage.ends(
      node,
      [
        ...registers('none', 1),
        ...registers('awaiting_ack', 2),
        'awaiting_ack | NODE_REGISTRATION_ACKED | awaiting_ack | - stale',
        acknowledges(2),
      ],
      { ...ACTIVE, postgres: 'active effect 2.0.0' },
    );
  },

  'awaiting its ack: a newer incarnation begins anew': async (stage) => {
    const node = stage.node('awaiting-restarted');
    await node.introspect();
    await node.accepted();
    await node.introspect({ incarnation: 101 });
    await node.ack(await node.accepted(2));
    await node.hears('NODE_BECAME_ACTIVE');
    node.beat();
    await stage.ends(node, [...registers('none', 1), ...registers('awaiting_ack', 2), acknowledges(2)], ACTIVE);
  },

  'active: the same, an older and an inadmissible introspection change nothing': async (stage) => {
    const { node, soFar } = await stage.activeNode('active');
    for (const fields of [{ reason: 'request' }, { incarnation: undefined }, { incarnation: 99 }, { node_type: '' }]) {
      await node.decided(await node.introspect(fields));
    }
    await stage.ends(
      node,
      [
        ...soFar,
        'active | NODE_INTROSPECTION | active | - duplicate',
        'active | NODE_INTROSPECTION | active | - duplicate',
        'active | NODE_INTROSPECTION | active | - stale',
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_REJECTED #5',
      ],
      ACTIVE,
    );
  },

  'active: a newer incarnation has to acknowledge again': async (stage) => {
    const { node, soFar } = await stage.activeNode('active-restarted');
    await node.introspect({ incarnation: 101 });
    const attemptId = await node.accepted(2);
    await stage.ends(node, [...soFar, ...registers('active', 2)], AWAITING_ACK);
    await node.ack(attemptId);
    await node.hears('NODE_BECAME_ACTIVE', 2);
    await stage.ends(node, [...soFar, ...registers('active', 2), acknowledges(2)], ACTIVE);
  },

  'active: what changed is updated, and named': async (stage) => {
    const { node, attemptId, soFar } = await stage.activeNode('updated');
    await node.introspect({ node_version: '1.1.0', capabilities: ['resize', 'crop'], reason: 'capability_change' });
    const { envelope } = await node.hears('NODE_REGISTRATION_UPDATED');
    expect(envelope.payload).toMatchObject({ attempt_id: attemptId, changed: ['node_version', 'capabilities'] });
    await stage.ends(
      node,
      [
        ...soFar,
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_COMPLETED | active | NODE_REGISTRATION_UPDATED #1',
      ],
      { ...ACTIVE, postgres: 'active effect 1.1.0' },
    );
  },

  'active: another type moves the service': async (stage) => {
    const { node, soFar } = await stage.activeNode('retyped');
    await node.introspect({ node_type: 'compute', reason: 'capability_change' });
    const { envelope } = await node.hears('NODE_REGISTRATION_UPDATED');
    expect(envelope.payload).toMatchObject({ changed: ['node_type'] });
    await stage.ends(
      node,
      [
        ...soFar,
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_COMPLETED | active | NODE_REGISTRATION_UPDATED #1',
      ],
      { ...ACTIVE, consul: ['compute passing'], postgres: 'active compute 1.0.0' },
    );
  },

  'a node that is unknown: neither ack nor goodbye nor command leaves a trace': async (stage) => {
    const node = stage.node('never-came');
    const said = [await node.ack(), await node.leave(), await node.deregistered()];
    // Behind them in the same partitions, something that leaves one.
    for (const { eventId, topic } of said) {
      const seen = await stage.ear.when(
        () => stage.ear.of('never-came').find(({ envelope }) => envelope.event_id === eventId),
        `${eventId} on ${topic}`,
      );
      await stage.isDone('orchestrator', seen);
    }
    await stage.ends(node, [], { state: null, deadline: null, consul: [], postgres: null });
  },

  'rejected after all: an admitted registration that failed in both backends': async (stage) => {
    const node = stage.node('refused-by-both');
    await node.introspect({ capabilities: { [REFUSED_BY_CONSUL]: true, [stage.refusedByPostgres]: true } });
    const { envelope } = await node.hears('NODE_REGISTRATION_REJECTED');
    expect(envelope.payload).toMatchObject({
      reason_code: 'registration_failed',
      reason: expect.stringMatching(/CONSUL_VALIDATION_ERROR.*POSTGRES_VALIDATION_ERROR/),
    });
    await stage.ends(
      node,
      [
        'none | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #1',
        'pending_registration | REGISTRATION_FAILED | rejected | NODE_REGISTRATION_REJECTED, NODE_DEREGISTRATION_INITIATED #1',
        removedFrom('rejected'),
      ],
      REJECTED,
    );
  },

  'degraded for good where one backend refuses the record': async (stage) => {
    const node = stage.node('refused-by-consul');
    await node.introspect({ capabilities: [REFUSED_BY_CONSUL] });
    const { envelope } = await node.hears('NODE_REGISTRATION_ACCEPTED');
    expect(envelope.payload).toMatchObject({ consul_registered: false, postgres_registered: true });
    await node.activate();
    await node.introspect({ reason: 'capability_change' });
    await node.hears('NODE_REGISTRATION_UPDATED');
    await stage.ends(
      node,
      [
        'none | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #1',
        'pending_registration | REGISTRATION_FAILED | accepted > awaiting_ack | NODE_REGISTRATION_ACCEPTED #1',
        acknowledges(1),
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_COMPLETED | active | NODE_REGISTRATION_CONVERGED #1',
        'active | REGISTRATION_COMPLETED | active | NODE_REGISTRATION_UPDATED #1',
      ],
      ACTIVE,
    );
  },

  'an update that a backend refuses leaves the node active': async (stage) => {
    const { node, soFar } = await stage.activeNode('update-refused');
    // What the backend keeps is what it held last.
    await stage.ends(node, soFar, ACTIVE);
    await node.introspect({ capabilities: { [stage.refusedByPostgres]: true }, node_version: '1.1.0' });
    const { envelope } = await node.hears('NODE_REGISTRATION_UPDATE_FAILED');
    expect(envelope.payload).toMatchObject({
      errors: [{ backend: 'postgres', error_code: 'POSTGRES_VALIDATION_ERROR' }],
    });
    await stage.ends(
      node,
      [
        ...soFar,
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_FAILED | active | NODE_REGISTRATION_UPDATE_FAILED #1',
      ],
      ACTIVE,
    );
    await node.leave();
    await node.hears('NODE_DEREGISTERED');
    await stage.ends(
      node,
      [
        ...soFar,
        'active | NODE_INTROSPECTION | active | NODE_REGISTRATION_INITIATED #1',
        'active | REGISTRATION_FAILED | active | NODE_REGISTRATION_UPDATE_FAILED #1',
        ...leaves('active', 'NODE_INTROSPECTION', 1),
      ],
      gone('deregistered'),
    );
    await node.hush();
  },
};
