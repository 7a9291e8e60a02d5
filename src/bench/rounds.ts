import type { CpuSeconds } from './scenario.js';
import { mapParties } from './usage/usage.js';

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** Throws when there is nothing to take the middle of. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there is no median of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? NaN) + upper) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Nearest rank: the smallest value that at least `percent` of all do not exceed. Values in any order; NaN without any. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** CPU seconds for 1,000 operations, by party: of each round, then the median of the rounds. */
export function cpuPerThousand(
  rounds: readonly { readonly cpu: CpuSeconds; readonly operations: number }[],
): CpuSeconds {
  return mapParties((party) => median(rounds.map(({ cpu, operations }) => (cpu[party] / operations) * 1000)));
}

/** Median of the ratios of values that were measured one after the other: what the machine did meanwhile drops out. */
export function pairedRatio(values: readonly number[], yardstick: readonly number[]): number {
  return median(values.slice(0, yardstick.length).map((value, round) => value / (yardstick[round] ?? NaN)));
}
