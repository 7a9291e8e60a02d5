import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { World } from '../../src/simulator/world.js';
import { INVARIANTS, parseOptions, planOf, run, shrink } from './simulated.js';

describe('a run', () => {
  it('is the same when its seed is the same, to the last event', async () => {
    const [first, second, other] = [await run(planOf(7)), await run(planOf(7)), await run(planOf(8))];
    expect([second.hash, second.steps]).toEqual([first.hash, first.steps]);
    expect(second.trace).toEqual(first.trace);
    expect(other.hash).not.toBe(first.hash);
  });

  it.each([1, 2, 3, 4, 5, 6])('keeps every invariant: seed %i', async (seed) => {
    expect((await run(planOf(seed))).violation).toBeNull();
  });

  it('has faults, and comes to the places where they matter', async () => {
    const { faults, outcomes: reached, steps } = await run(planOf(2));
    expect(Object.keys(faults).length).toBeGreaterThan(3);
    expect(reached['orchestrator: begin_attempt']).toBeGreaterThan(0);
    expect(steps).toBeGreaterThan(500);
  });
});

/** The log confirms what it never took. */
function forgetful(world: World): void {
  const append = world.broker.append.bind(world.broker);
  world.broker.append = (sent, partition) =>
    sent.topic === 'evt.registration-progress.v1'
      ? { ...sent, partition: 0, offset: 0, appendedAt: 0, at: 0 }
      : append(sent, partition);
}

describe('a planted fault', () => {
  it('is caught, and shrunk to a plan that still shows it', async () => {
    const plan = planOf(3);
    const failed = await run(plan, { prepare: forgetful });
    expect(failed.violation).not.toBeNull();
    const within = (ms: number) => shrink(plan, failed, ms, { prepare: forgetful });
    let shortest = await within(3000);
    // The time is the machine's, which may have been busy with something else.
    for (let ms = 6000; shortest.plan.acts.length === plan.acts.length; ms *= 2) shortest = await within(ms);
    expect(shortest.outcome.violation?.invariant).toBe(failed.violation?.invariant);
    expect(shortest.plan.acts.length).toBeLessThan(plan.acts.length);
    expect(shortest.outcome.trace.at(-1)).toContain('BROKEN');
    expect((await run(shortest.plan)).violation).toBeNull();
  });
});

describe('the invariants', () => {
  it('each have a name of their own and a sentence', () => {
    expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
    expect(INVARIANTS.filter(({ sentence }) => !/^[A-Z].*[.)]$/.test(sentence))).toEqual([]);
  });

  it('are listed in docs/simulator.md as they are', () => {
    const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
    expect(INVARIANTS.filter(({ name, sentence }) => !page.includes(`- **${name}**: ${sentence}\n`))).toEqual([]);
  });
});

describe('the command line', () => {
  it.each([
    [['--seed', 'x'], '--seed x'],
    [['--seeds', '0'], '--seeds 0'],
    [['--failures', '0'], '--failures 0'],
    [['--trace'], '--trace: say which --seed'],
    [['--nonsense'], 'nonsense'],
  ])('refuses %j', (args, problem) => {
    expect(parseOptions(args)).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  it('runs a thousand seeds unless told otherwise', () => {
    expect(parseOptions([])).toMatchObject({ from: 1, seeds: 1000, minutes: null, failures: 20 });
    expect(parseOptions(['--seed', '17'])).toMatchObject({ from: 17, seeds: 1 });
    expect(parseOptions(['--minutes', '0.5'])).toMatchObject({ seeds: null, minutes: 0.5 });
  });
});
