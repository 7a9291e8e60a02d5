import { acknowledges, registers } from '../course.js';
import { ACTIVE, gone } from '../held.js';
import type { Stage } from './stage.js';

/** What happens while both backends are away, and then what comes of it when they are back. */
export type InTwoActs = Readonly<Record<string, (stage: Stage) => Promise<() => Promise<void>>>>;

const BEGUN = 'none | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #1';
const PENDING = { state: 'pending_registration', deadline: null, consul: [], postgres: null } as const;
const DEREGISTERING = { ...PENDING, state: 'deregistering' } as const;
const LEAVING = 'pending_registration | DEREGISTER_NODE | deregistering | NODE_DEREGISTRATION_INITIATED #1';
/** Its registration was superseded before a backend heard of it. */
const NEVER_HELD = { ...gone('deregistered'), postgres: null };
const LEFT = 'deregistering | REGISTRATION_COMPLETED | deregistered | NODE_DEREGISTERED #1';

/** States that a node rests in only while a backend is away. */
export const DURING_OUTAGE: InTwoActs = {
  'pending: the same, an older, an inadmissible introspection, an ack and a beat leave the attempt': async (stage) => {
    const node = stage.node('pending');
    await node.decided(await node.introspect());
    for (const fields of [{}, { incarnation: 99 }, { node_type: 'toaster' }]) {
      await node.decided(await node.introspect(fields));
    }
    await node.decided(await node.ack());
    await node.heartbeat();
    const course = [
      BEGUN,
      'pending_registration | NODE_INTROSPECTION | pending_registration | - duplicate',
      'pending_registration | NODE_INTROSPECTION | pending_registration | - stale',
      'pending_registration | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_REJECTED #4',
      'pending_registration | NODE_REGISTRATION_ACKED | pending_registration | - too_early',
    ];
    await stage.ends(node, course, PENDING);
    return async () => {
      await node.activate();
      await stage.ends(node, [...course, ...registers('', 1).slice(1), acknowledges(1)], ACTIVE);
    };
  },

  'pending: a changed record begins anew, and so does a newer incarnation': async (stage) => {
    const node = stage.node('pending-changed');
    await node.decided(await node.introspect());
    await node.decided(await node.introspect({ node_version: '1.1.0' }));
    await node.decided(await node.introspect({ node_version: '1.1.0', incarnation: 101 }));
    const course = [
      BEGUN,
      'pending_registration | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #2',
      'pending_registration | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #3',
    ];
    await stage.ends(node, course, PENDING);
    return async () => {
      await node.activate();
      await stage.ends(node, [...course, ...registers('', 3).slice(1), acknowledges(3)], {
        ...ACTIVE,
        postgres: 'active effect 1.1.0',
      });
    };
  },

  'pending: goes by itself': async (stage) => {
    const node = stage.node('pending-goodbye');
    await node.decided(await node.introspect());
    await node.decided(await node.leave());
    const course = [BEGUN, LEAVING.replace('DEREGISTER_NODE', 'NODE_INTROSPECTION')];
    await stage.ends(node, course, DEREGISTERING);
    return () => stage.ends(node, [...course, LEFT], NEVER_HELD);
  },

  'deregistering: only a start, a newer process or an operator brings it back': async (stage) => {
    const node = stage.node('leaving');
    await node.decided(await node.introspect());
    await node.decided(await node.deregistered());
    await node.decided(await node.deregistered());
    await node.decided(await node.leave());
    for (const fields of [{ reason: 'request' }, { incarnation: 99 }])
      await node.decided(await node.introspect(fields));
    await node.decided(await node.ack());
    const course = [
      BEGUN,
      LEAVING,
      'deregistering | DEREGISTER_NODE | deregistering | - duplicate',
      'deregistering | NODE_INTROSPECTION | deregistering | - duplicate',
      'deregistering | NODE_INTROSPECTION | deregistering | - terminal',
      'deregistering | NODE_INTROSPECTION | deregistering | - stale',
      'deregistering | NODE_REGISTRATION_ACKED | deregistering | - terminal',
    ];
    await stage.ends(node, course, DEREGISTERING);
    return () => stage.ends(node, [...course, LEFT], NEVER_HELD);
  },

  'deregistering: back by its next start': async (stage) => {
    const node = stage.node('leaving-restarted');
    await node.decided(await node.introspect());
    await node.decided(await node.deregistered());
    await node.decided(await node.introspect());
    const course = [
      BEGUN,
      LEAVING,
      'deregistering | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #3',
    ];
    await stage.ends(node, course, PENDING);
    return async () => {
      await node.activate();
      await stage.ends(node, [...course, ...registers('', 3).slice(1), acknowledges(3)], ACTIVE);
    };
  },

  'deregistering: back by a newer process that answers a broadcast': async (stage) => {
    const node = stage.node('leaving-newer');
    await node.decided(await node.introspect());
    await node.decided(await node.deregistered());
    await node.decided(await node.introspect({ reason: 'request', incarnation: 101 }));
    const course = [
      BEGUN,
      LEAVING,
      'deregistering | NODE_INTROSPECTION | pending_registration | NODE_REGISTRATION_INITIATED #3',
    ];
    await stage.ends(node, course, PENDING);
    return async () => {
      await node.activate();
      await stage.ends(node, [...course, ...registers('', 3).slice(1), acknowledges(3)], ACTIVE);
    };
  },

  'deregistering: back by an operator': async (stage) => {
    const node = stage.node('leaving-by-hand');
    await node.decided(await node.introspect());
    await node.decided(await node.deregistered());
    await node.decided(await node.registered());
    const course = [
      BEGUN,
      LEAVING,
      'deregistering | REGISTER_NODE | pending_registration | NODE_REGISTRATION_INITIATED #3',
    ];
    await stage.ends(node, course, PENDING);
    return () =>
      stage.ends(
        node,
        [
          ...course,
          'pending_registration | REGISTRATION_COMPLETED | accepted > active | NODE_REGISTRATION_ACCEPTED, NODE_BECAME_ACTIVE #3',
        ],
        { ...ACTIVE, deadline: null },
      );
  },

  'deregistering: not admitted any more': async (stage) => {
    const node = stage.node('leaving-odd');
    await node.decided(await node.introspect());
    await node.decided(await node.deregistered());
    await node.decided(await node.introspect({ node_type: 'toaster' }));
    const course = [BEGUN, LEAVING, 'deregistering | NODE_INTROSPECTION | rejected | NODE_REGISTRATION_REJECTED #3'];
    await stage.ends(node, course, { ...PENDING, state: 'rejected' });
    return () =>
      stage.ends(node, [...course, 'rejected | REGISTRATION_COMPLETED | rejected | - stale'], {
        ...NEVER_HELD,
        state: 'rejected',
      });
  },
};
