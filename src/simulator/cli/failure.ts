import type { Plan } from '../plan/plan.js';
import type { Outcome } from '../run.js';

const LAST_LINES = 250;

/** A broken invariant as one reads it: what, the shortest plan, and the end of what happened. */
export function failureText(plan: Plan, { seed, violation, trace }: Outcome, runs: number, nodes: number): string {
  const { acts, ...rest } = plan;
  const lines = trace.slice(-LAST_LINES);
  return [
    `seed ${seed}: ${violation?.invariant ?? ''} is broken: ${violation?.what ?? ''}`,
    `the shortest plan of ${runs} tried:`,
    `  ${JSON.stringify(rest)}`,
    ...acts.map((act) => `  ${JSON.stringify(act)}`),
    `its trace${lines.length < trace.length ? ` (the last ${lines.length} of ${trace.length} lines)` : ''}:`,
    ...lines.map((line) => `  ${line}`),
    `again: npm run simulate -- --seed ${seed} --nodes ${nodes}`,
  ].join('\n');
}
