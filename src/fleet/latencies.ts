/** Latencies in milliseconds, all of them: exact percentiles for a few megabytes at 100,000 nodes. */
export class Latencies {
  readonly #values: number[] = [];

  add(milliseconds: number): void {
    this.#values.push(milliseconds);
  }

  summary(): LatencySummary {
    const sorted = Float64Array.from(this.#values).sort();
    return {
      p50: percentile(sorted, 50),
      p90: percentile(sorted, 90),
      p99: percentile(sorted, 99),
      max: percentile(sorted, 100),
    };
  }
}

/** Milliseconds; null where nothing was measured. */
export type LatencySummary = Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number | null>>;

/** Nearest rank: the smallest value that at least `percent` of all do not exceed. */
export function percentile(sorted: Float64Array, percent: number): number | null {
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? null;
}
