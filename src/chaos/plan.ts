import { REPLICAS, holds, SERVERS, type Fault, type Link, type Planned, type Replicas } from './faults/fault.js';
import { createRandom, type Random } from './random.js';

/** Longer than a consumer's session in its group (10 s), so that the others take over, and it finds itself shut out. */
const BEYOND_SESSION_MS = [10_500, 14_000] as const;
const MOMENT_MS = [500, 3000] as const;
const SHORT_MS = [1000, 4000] as const;
const WHILE_MS = [2000, 8000] as const;

type Card = (random: Random) => Fault;

const PARTS = [...REPLICAS, 'replicas', ...SERVERS] as const;

/** Every kind of fault on everything that it can hit, dealt in an order of chance; when all are dealt, once more. */
const CARDS: readonly Card[] = [
  ...PARTS.map((target): Card => (random) => ({ kind: 'kill', target, forMs: between(random, MOMENT_MS) })),
  ...PARTS.map((target): Card => (random) => ({ kind: 'restart', target, forMs: between(random, MOMENT_MS) })),
  ...PARTS.map((target): Card => (random) => ({ kind: 'freeze', target, forMs: between(random, SHORT_MS) })),
  ...PARTS.map((target): Card => (random) => ({ kind: 'freeze', target, forMs: between(random, BEYOND_SESSION_MS) })),
  ...SERVERS.flatMap((server): Card[] => [
    (random) => ({ kind: 'cut', target: linkTo(random, server), forMs: 0 }),
    (random) => ({ kind: 'refuse', target: linkTo(random, server), forMs: between(random, WHILE_MS) }),
    (random) => ({
      kind: 'slow',
      target: linkTo(random, server),
      forMs: between(random, WHILE_MS),
      delayMs: random.integer(20, 400),
    }),
    (random) => ({ kind: 'black-hole', target: linkTo(random, server), forMs: between(random, WHILE_MS) }),
  ]),
  () => ({ kind: 'rubbish', target: 'topics', forMs: 0 }),
  () => ({ kind: 'rubbish', target: 'topics', forMs: 0 }),
  (random) => ({ kind: 'dead-letters-refused', target: 'dead-letters', forMs: between(random, WHILE_MS) }),
  () => ({ kind: 'wipe-consul', target: 'consul', forMs: 0 }),
  () => ({ kind: 'drop-registrations', target: 'postgres', forMs: 0 }),
  () => ({ kind: 'damage', target: 'backends', forMs: 0 }),
  () => ({ kind: 'damage', target: 'backends', forMs: 0 }),
];

/** One in so many begins while the one before it lasts. */
const ALONGSIDE_ONE_IN = 4;
const PAUSE_MS = [1000, 5000] as const;

/** The faults that a seed stands for, without end. */
export function* planOf(seed: number): Generator<Planned> {
  const random = createRandom(seed);
  let held: readonly string[] = [];
  for (;;) {
    for (const card of random.shuffled(CARDS)) {
      const fault = card(random);
      const wantsCompany = random.integer(1, ALONGSIDE_ONE_IN) === 1;
      const alongside = wantsCompany && !holds(fault).some((part) => held.includes(part));
      held = alongside ? [...held, ...holds(fault)] : holds(fault);
      const afterRecovery = !alongside && random.integer(1, 2) === 1;
      const pauseMs = alongside ? random.integer(0, 1000) : between(random, PAUSE_MS);
      yield { fault, alongside, pauseMs, afterRecovery };
    }
  }
}

/** Every kind once and every part at least once, in a minute or little more: what CI runs. */
export const CI_PLAN: readonly Planned[] = [
  after(500, { kind: 'rubbish', target: 'topics', forMs: 0 }),
  after(500, { kind: 'kill', target: 'replica-1', forMs: 500 }),
  after(1000, { kind: 'cut', target: 'replicas>consul', forMs: 0 }),
  after(500, { kind: 'wipe-consul', target: 'consul', forMs: 0 }),
  after(500, { kind: 'drop-registrations', target: 'postgres', forMs: 0 }),
  after(1000, { kind: 'kill', target: 'consul', forMs: 500 }),
  after(1000, { kind: 'dead-letters-refused', target: 'dead-letters', forMs: 3000 }),
  after(1000, { kind: 'slow', target: 'replica-2>kafka', forMs: 3000, delayMs: 150 }),
  meanwhile(500, { kind: 'kill', target: 'postgres', forMs: 1000 }),
  after(1000, { kind: 'black-hole', target: 'replica-1>postgres', forMs: 3000 }),
  after(500, { kind: 'freeze', target: 'replica-2', forMs: 11_000 }),
  meanwhile(1000, { kind: 'refuse', target: 'replica-1>consul', forMs: 3000 }),
  meanwhile(1000, { kind: 'freeze', target: 'postgres', forMs: 2000 }),
  after(500, { kind: 'damage', target: 'backends', forMs: 0 }),
  after(1000, { kind: 'kill', target: 'kafka', forMs: 500 }),
  after(1000, { kind: 'restart', target: 'replica-1', forMs: 0 }),
  after(1000, { kind: 'kill', target: 'replicas', forMs: 500 }),
];

/** kill -9 of every process in turn, the replicas last both at once; each when the registry has recovered from the one before. */
export const KILLS_PLAN: readonly Planned[] = (
  ['replica-1', 'replica-2', 'consul', 'postgres', 'kafka', 'replicas'] as const
).map((target) => ({
  fault: { kind: 'kill', target, forMs: 500 },
  pauseMs: 1000,
  alongside: false,
  afterRecovery: true,
}));

function after(pauseMs: number, fault: Fault): Planned {
  return { fault, pauseMs, alongside: false, afterRecovery: false };
}

function meanwhile(pauseMs: number, fault: Fault): Planned {
  return { fault, pauseMs, alongside: true, afterRecovery: false };
}

function between(random: Random, [from, to]: readonly [number, number]): number {
  return random.integer(from / 100, to / 100) * 100;
}

function linkTo(random: Random, server: (typeof SERVERS)[number]): Link {
  const whose: Replicas = random.pick(['replica-1', 'replica-2', 'replicas']);
  return `${whose}>${server}`;
}
