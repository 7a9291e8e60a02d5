/**
 * The simulator as a test loads it: virtual time has to be in place before the product is read, and Jest evaluates static imports
 * before that.
 */
import type { Plan } from '../../src/simulator/plan/plan.js';

await import('../../src/simulator/time/globals.js');
const { makePlan } = await import('../../src/simulator/plan/make-plan.js');
const { run } = await import('../../src/simulator/run.js');
const { shrink } = await import('../../src/simulator/shrink.js');
const { activate, afterMicrotasks } = await import('../../src/simulator/time/globals.js');
const { VirtualTime, Owner } = await import('../../src/simulator/time/virtual-time.js');
const { Broker } = await import('../../src/simulator/kafka/broker.js');
const { Coordinator, Fenced } = await import('../../src/simulator/kafka/coordinator.js');
const { RowLocks } = await import('../../src/simulator/stores/row-locks.js');
const { INVARIANTS } = await import('../../src/simulator/invariants/index.js');
const { parseOptions } = await import('../../src/simulator/cli/options.js');

export {
  activate,
  afterMicrotasks,
  Broker,
  Coordinator,
  Fenced,
  INVARIANTS,
  makePlan,
  Owner,
  parseOptions,
  RowLocks,
  run,
  shrink,
  VirtualTime,
};

/** Few nodes, so that a run takes little time. */
export const planOf = (seed: number): Plan => makePlan({ seed, nodes: 4 });

/** Lets virtual time go on until an event is due later than `until`, or there is none. Milliseconds. */
export async function advance(time: InstanceType<typeof VirtualTime>, until: number): Promise<void> {
  let past = false;
  time.plan(until - time.now, time.world, () => (past = true));
  while (!past && time.step()) await new Promise<void>((resolve) => afterMicrotasks(resolve));
}
