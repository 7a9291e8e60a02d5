import {
  acked,
  at,
  deadlinePassed,
  deregisterNode,
  heartbeat,
  introspection,
  NODE,
  registerNode,
} from '../support/builders.js';
import { byTheApi, Life } from './explain-life.js';

const active = (): Life => new Life().introduce().say(acked(2, 1));

/** Has a deadline passed, its marker is appended a second later. */
function expire(life: Life, n: number): Life {
  const { kind, at: deadlineAt } = life.deadline;
  return life.say({ ...deadlinePassed(n, kind as 'ack', deadlineAt), sourceNodeId: 'rollcall' });
}

const consulIs = (life: Life, behaviour: Life['backends']['consul']): Life => {
  life.backends.consul = behaviour;
  return life;
};

/** Nodes that an operator may ask about at night, by what happened to them. */
export const LIVES = {
  'is active': () => active().say(heartbeat(12), heartbeat(22)),
  'is active by hand, and owes nothing': () => new Life().say(byTheApi(registerNode(1))),
  'is active, and keeps talking': () =>
    active().say(introspection(5, { reason: 'request' }), introspection(6, { reason: 'request' }), acked(7, 1)),
  'waits for its ack': () => new Life().introduce(),
  'waits for the backends': () => {
    const life = new Life();
    life.backends.postgres = 'is away';
    return consulIs(life, 'is away').introduce();
  },
  'waits for one backend': () => consulIs(new Life(), 'is away').introduce(),
  'has timed out': () => expire(new Life().introduce(), 40),
  'has expired': () => expire(active().say(heartbeat(12)), 60),
  'has expired without a word': () => expire(active(), 50),
  'is rejected': () => new Life().say(introspection(1, { nodeType: 'toaster' })),
  'is rejected by the backends': () => {
    const life = new Life();
    life.backends.postgres = 'refuses';
    return consulIs(life, 'refuses').introduce();
  },
  'is degraded': () => expire(consulIs(new Life(), 'is away').introduce(), 7).say(acked(8, 1)),
  'is degraded for good': () => consulIs(new Life(), 'refuses').introduce().say(acked(8, 1)),
  'is deregistering while Consul is down': () =>
    consulIs(active(), 'is away').say(byTheApi(deregisterNode(9, 'replaced by "node-2"'))),
  'is deregistered': () => active().say(introspection(9, { reason: 'shutdown' })),
  'has an update that failed': () =>
    consulIs(active(), 'refuses').say(introspection(9, { reason: 'capability_change', capabilities: { crop: true } })),
  'was updated often': () => active().say(...[3, 4, 5, 6].map((n) => introspection(n, { metadata: { build: n } }))),
  'said something that is not admitted': () => active().say(introspection(9, { nodeType: 'toaster' })),
} as const satisfies Readonly<Record<string, () => Life>>;

export type LifeName = keyof typeof LIVES;

/** A moment in the lives that go on after it. */
export const THEN = at(4);
export { NODE };
