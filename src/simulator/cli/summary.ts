import type { Outcome } from '../run.js';

/** What a number of runs came to. */
export type Summary = {
  seeds: number;
  failed: number[];
  steps: number;
  simulatedMs: number;
  readonly faults: Record<string, number>;
  readonly outcomes: Record<string, number>;
};

export function emptySummary(): Summary {
  return { seeds: 0, failed: [], steps: 0, simulatedMs: 0, faults: {}, outcomes: {} };
}

export function addOutcome(
  summary: Summary,
  { seed, violation, steps, simulatedMs, faults, outcomes }: Omit<Outcome, 'trace'>,
): void {
  summary.seeds += 1;
  if (violation !== null) summary.failed.push(seed);
  summary.steps += steps;
  summary.simulatedMs += simulatedMs;
  addCounts(summary.faults, faults);
  addCounts(summary.outcomes, outcomes);
}

function addCounts(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
}

export function summaryText(summary: Summary, wallMs: number): string {
  const { seeds, failed, steps, simulatedMs, faults, outcomes } = summary;
  return [
    `${seeds} seeds, ${steps} steps, ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours in ${(wallMs / 1000).toFixed(1)} s: ${((seeds * 1000) / wallMs).toFixed(1)} seeds/s`,
    `faults:   ${countsText(faults)}`,
    `outcomes: ${countsText(outcomes)}`,
    failed.length === 0
      ? 'every invariant held in every run'
      : `FAILED: seeds ${failed.slice(0, 20).join(', ')}${failed.length > 20 ? ` and ${failed.length - 20} more` : ''}`,
  ].join('\n');
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
