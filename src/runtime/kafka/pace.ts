import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Below this share of its time at work, the process has time for small batches. */
const IDLE_UP_TO = 0.4;
const BUSY_FROM = 0.9;
/** How long a round of fetch and delivery lasts at least when the process is busy. */
const MAX_ROUND_MS = 30;
const MEASURED_EVERY_MS = 200;

/**
 * Makes batches larger as the process has more to do: a request costs about as much as the records of a small batch. Whoever reads
 * without a pause at little load is read to at once.
 */
export class Pace {
  private since = performance.eventLoopUtilization();
  private measuredAt = performance.now();
  private share = 0;

  /** How long the round that begins now has to last, at least. Milliseconds; 0 while there is little to do. */
  roundMs(): number {
    const now = performance.now();
    if (now - this.measuredAt >= MEASURED_EVERY_MS) {
      const until = performance.eventLoopUtilization();
      this.share = performance.eventLoopUtilization(until, this.since).utilization;
      this.since = until;
      this.measuredAt = now;
    }
    return roundMsAt(this.share);
  }
}

/** `share`: of its time that a process was at work, between 0 and 1. */
export function roundMsAt(share: number): number {
  const load = (share - IDLE_UP_TO) / (BUSY_FROM - IDLE_UP_TO);
  return Math.round(MAX_ROUND_MS * Math.min(1, Math.max(0, load)));
}

/** The rounds of one reader: all batches of one fetch are in the same. */
export class Rounds {
  private current: Promise<void> | undefined;

  constructor(private readonly roundMs: () => number) {}

  /** Resolves at the end of the round that is under way, or that begins now; undefined when it need not last. */
  end(): Promise<void> | undefined {
    if (this.current !== undefined) return this.current;
    const ms = this.roundMs();
    if (ms === 0) return undefined;
    this.current = sleep(ms).then(() => {
      this.current = undefined;
    });
    return this.current;
  }
}
