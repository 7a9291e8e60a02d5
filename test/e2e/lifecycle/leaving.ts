import { expect } from '@jest/globals';
import { acknowledges, leaves, registers } from '../course.js';
import { ACTIVE, AWAITING_ACK, gone } from '../held.js';
import type { Scenarios } from './stage.js';

/** Nodes that go, by an operator's word or their own, and what brings them back. */
export const LEAVING: Scenarios = {
  'taken out by command, with its reason, and once': async (stage) => {
    const { node, soFar } = await stage.activeNode('taken-out');
    await node.hush();
    await node.deregistered('broken');
    expect((await node.hears('NODE_DEREGISTERED')).envelope.payload).toMatchObject({ reason: 'broken' });
    await node.decided(await node.deregistered('still broken'));
    await node.decided(await node.leave());
    await node.decided(await node.ack());
    await stage.ends(
      node,
      [
        ...soFar,
        ...leaves('active', 'DEREGISTER_NODE', 1),
        'deregistered | DEREGISTER_NODE | deregistered | - duplicate',
        'deregistered | NODE_INTROSPECTION | deregistered | - duplicate',
        'deregistered | NODE_REGISTRATION_ACKED | deregistered | - terminal',
      ],
      gone('deregistered'),
    );
  },

  'goes by itself, not by the word of an older process, and comes back at its next start': async (stage) => {
    const { node, soFar } = await stage.activeNode('says-goodbye');
    await node.decided(await node.leave({ incarnation: 99 }));
    await node.hush();
    await node.leave();
    expect((await node.hears('NODE_DEREGISTERED')).envelope.payload).toMatchObject({ reason: 'shutdown' });
    const left = [
      ...soFar,
      'active | NODE_INTROSPECTION | active | - stale',
      ...leaves('active', 'NODE_INTROSPECTION', 1),
    ];
    await stage.ends(node, left, gone('deregistered'));
    await node.introspect({ incarnation: 7 });
    await node.activate(2);
    await stage.ends(node, [...left, ...registers('deregistered', 4), acknowledges(4)], ACTIVE);
  },

  'taken out while its ack is awaited: the ack that follows is too late': async (stage) => {
    const node = stage.node('out-before-ack');
    await node.introspect();
    const attemptId = await node.accepted();
    await node.deregistered();
    await node.hears('NODE_DEREGISTERED');
    await node.decided(await node.ack(attemptId));
    await stage.ends(
      node,
      [
        ...registers('none', 1),
        ...leaves('awaiting_ack', 'DEREGISTER_NODE', 1),
        'deregistered | NODE_REGISTRATION_ACKED | deregistered | - terminal',
      ],
      gone('deregistered'),
    );
  },

  'goes while its ack is awaited': async (stage) => {
    const node = stage.node('goodbye-before-ack');
    await node.introspect();
    await node.accepted();
    await node.leave();
    await stage.ends(
      node,
      [...registers('none', 1), ...leaves('awaiting_ack', 'NODE_INTROSPECTION', 1)],
      gone('deregistered'),
    );
  },

  'what an operator removed: no answer to a broadcast brings it back, a newer process does': async (stage) => {
    const { node, soFar } = await stage.activeNode('removed');
    await node.hush();
    await node.deregistered();
    await node.hears('NODE_DEREGISTERED');
    await node.decided(await node.introspect({ reason: 'request' }));
    await node.decided(await node.introspect({ reason: 'capability_change', node_version: '3.0.0' }));
    const removed = [
      ...soFar,
      ...leaves('active', 'DEREGISTER_NODE', 1),
      'deregistered | NODE_INTROSPECTION | deregistered | - terminal',
      'deregistered | NODE_INTROSPECTION | deregistered | - terminal',
    ];
    await stage.ends(node, removed, gone('deregistered'));
    await node.introspect({ reason: 'request', incarnation: 101 });
    await node.accepted(2);
    await stage.ends(node, [...removed, ...registers('deregistered', 5)], AWAITING_ACK);
    await node.activate(2);
    await stage.ends(node, [...removed, ...registers('deregistered', 5), acknowledges(5)], ACTIVE);
  },

  'what an operator removed, an operator brings back; and not as what is not admitted': async (stage) => {
    const { node, soFar } = await stage.activeNode('brought-back');
    await node.hush();
    await node.deregistered();
    await node.hears('NODE_DEREGISTERED');
    await node.introspect({ node_type: 'toaster' });
    await node.hears('NODE_REGISTRATION_REJECTED');
    await node.registered({ acknowledgement: 'waived', liveness: 'none' });
    await node.hears('NODE_BECAME_ACTIVE', 2);
    await stage.ends(
      node,
      [
        ...soFar,
        ...leaves('active', 'DEREGISTER_NODE', 1),
        'deregistered | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #3',
        'rejected | REGISTER_NODE | pending_registration | NODE_REGISTRATION_INITIATED #4',
        'pending_registration | REGISTRATION_COMPLETED | accepted > active | NODE_REGISTRATION_ACCEPTED, NODE_BECAME_ACTIVE #4',
      ],
      { ...ACTIVE, deadline: null },
    );
  },
};
