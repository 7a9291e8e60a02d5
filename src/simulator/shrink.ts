import type { Act, Plan } from './plan/plan.js';
import { run, type Outcome, type RunOptions } from './run.js';
import { wallClock } from './time/globals.js';

export type Shrunk = { readonly plan: Plan; readonly outcome: Outcome; readonly runs: number };

const NONE = { before: 0, after: 0, slow: 0 };

/**
 * The shortest plan found, within the time, that still breaks the same invariant: halves of its acts are left out, then smaller pieces,
 * then replicas and hazards.
 */
export async function shrink(
  failed: Plan,
  first: Outcome,
  withinMs: number,
  options: RunOptions = {},
): Promise<Shrunk> {
  const until = wallClock() + withinMs;
  const invariant = first.violation?.invariant;
  let best: Shrunk = { plan: failed, outcome: first, runs: 0 };
  const stillFails = async (plan: Plan): Promise<boolean> => {
    if (wallClock() > until) return false;
    const outcome = await run(plan, options);
    const fails = outcome.violation?.invariant === invariant;
    best = fails ? { plan, outcome, runs: best.runs + 1 } : { ...best, runs: best.runs + 1 };
    return fails;
  };
  for (let before = -1; before !== size(best.plan) && wallClock() < until;) {
    before = size(best.plan);
    for (let pieces = 2; pieces <= best.plan.acts.length * 2 && wallClock() < until; pieces *= 2) {
      const { acts } = best.plan;
      const length = Math.max(1, Math.ceil(acts.length / pieces));
      for (let start = 0; start < best.plan.acts.length && wallClock() < until;) {
        const kept: readonly Act[] = best.plan.acts.filter((_act, index) => index < start || index >= start + length);
        if (!(await stillFails({ ...best.plan, acts: kept }))) start += length;
      }
      if (length === 1) break;
    }
    for (const simpler of simplerOnes(best.plan)) await stillFails({ ...best.plan, ...simpler });
  }
  return best;
}

function simplerOnes({ replicas, hazards, acts }: Plan): readonly Partial<Plan>[] {
  const last = acts.at(-1)?.at ?? 0;
  return [
    ...(replicas.length > 1 ? [{ replicas: replicas.slice(0, -1) }] : []),
    { lost: 0 },
    { doubled: 0 },
    { brokerSkewMs: 0 },
    { databaseSkewMs: 0 },
    { replicas: replicas.map((replica) => ({ ...replica, clockSkewMs: 0 })) },
    ...Object.keys(hazards).map((target) => ({ hazards: { ...hazards, [target]: NONE } })),
    { calmAt: Math.ceil(last) + 1000 },
  ];
}

function size(plan: Plan): number {
  const { acts, replicas, hazards, lost, doubled } = plan;
  const likely = Object.values(hazards).flatMap((hazard) => Object.values(hazard));
  return (
    acts.length +
    replicas.length +
    likely.filter((chance) => chance > 0).length +
    (lost > 0 ? 1 : 0) +
    (doubled > 0 ? 1 : 0)
  );
}
