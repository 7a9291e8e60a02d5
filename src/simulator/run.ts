import { Director } from './director.js';
import { INVARIANTS } from './invariants/index.js';
import type { Invariant } from './invariants/invariant.js';
import type { Plan } from './plan/plan.js';
import { unsettled } from './rest.js';
import { activate, afterMicrotasks } from './time/globals.js';
import { REST_WITHIN_MS, World } from './world.js';

export type Violation = { readonly invariant: string; readonly what: string };

export type Outcome = {
  readonly seed: number;
  /** The first that was seen; null when all invariants held. */
  readonly violation: Violation | null;
  readonly steps: number;
  /** Simulated milliseconds. */
  readonly simulatedMs: number;
  readonly hash: string;
  readonly faults: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
};

export type RunOptions = {
  readonly invariants?: readonly Invariant[];
  /** Takes the product's own log. */
  readonly logged?: (line: string) => void;
  /** Changes the world before it begins: for tests, which plant faults. */
  readonly prepare?: (world: World) => void;
};

/** Rest is looked for this often, and has to last for two looks. Milliseconds. */
const LOOK_EVERY_MS = 1000;

/** Plays a plan from its beginning until everything has come to rest, or an invariant is broken. One at a time in a process. */
export async function run(plan: Plan, options: RunOptions = {}): Promise<Outcome> {
  const { invariants = INVARIANTS, logged, prepare } = options;
  const world = new World(plan, logged);
  const found: Violation[] = [];
  const broken = (invariant: string, what: string): void => {
    if (found.length > 0) return;
    found.push({ invariant, what });
    world.trace.add('BROKEN', `${invariant}: ${what}`);
  };
  const watchers = invariants.map((invariant) => {
    const watcher = invariant.watch(world, (what) => broken(invariant.name, what));
    world.observe(watcher);
    return watcher;
  });
  const unhandled = (error: unknown): void =>
    broken('no-unhandled-error', String(error instanceof Error ? error.stack : error));
  process.on('unhandledRejection', unhandled);
  activate(world.time);
  try {
    prepare?.(world);
    new Director(world).begin();
    await drive(world, () => found.length > 0);
    if (found.length === 0) for (const watcher of watchers) watcher.atRest?.();
  } finally {
    activate(null);
    process.off('unhandledRejection', unhandled);
  }
  return {
    seed: plan.seed,
    violation: found[0] ?? null,
    steps: world.time.steps,
    simulatedMs: world.time.now,
    hash: world.trace.hash,
    faults: Object.fromEntries(world.wire.faults),
    outcomes: Object.fromEntries(world.outcomes),
    trace: world.trace.lines,
  };
}

/** Event after event; between two of them all promises settle. */
function drive(world: World, isOver: () => boolean): Promise<void> {
  const { time, plan } = world;
  let looksAtRest = 0;
  let lookAt = plan.calmAt + LOOK_EVERY_MS;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      try {
        if (time.now >= lookAt) {
          lookAt += LOOK_EVERY_MS;
          looksAtRest = unsettled(world).length === 0 ? looksAtRest + 1 : 0;
        }
        const atRest = looksAtRest > REST_LOOKS || time.now > plan.calmAt + REST_WITHIN_MS;
        if (isOver() || atRest || !time.step()) return resolve();
      } catch (error) {
        return reject(error instanceof Error ? error : new Error(String(error)));
      }
      afterMicrotasks(next);
    };
    next();
  });
}

/** Longer than a node takes to say again what it is. */
const REST_LOOKS = 4;
