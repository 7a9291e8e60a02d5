import type { Timings } from '../lanes/step.js';

/**
 * The pace that a fleet of this size is asked for: beats come further apart, in whole seconds, as soon as the whole fleet at the
 * configured interval would send more than `maxHeartbeatsPerSecond`; the window keeps its ratio to the interval.
 *
 *     interval = max(configured, ⌈nodes / maxHeartbeatsPerSecond⌉ s)      window = interval × configured window / configured interval
 */
export function paced(timings: Timings, liveNodes: number, maxHeartbeatsPerSecond: number): Timings {
  const neededMs = Math.ceil(liveNodes / maxHeartbeatsPerSecond) * 1000;
  if (neededMs <= timings.heartbeatIntervalMs) return timings;
  const ratio = timings.livenessWindowMs / timings.heartbeatIntervalMs;
  return { ...timings, heartbeatIntervalMs: neededMs, livenessWindowMs: Math.round(neededMs * ratio) };
}

/** The size of a fleet changes slowly against its pace. */
const FRESH_MS = 5000;

/** Knows how many nodes owe heartbeats, well enough: counts again when asked after a while, and answers at once meanwhile. */
export class Pacing {
  private timings: Timings | undefined;
  private countedAt = 0;
  private counting: Promise<void> | undefined;

  constructor(
    private readonly options: {
      readonly timings: Timings;
      readonly maxHeartbeatsPerSecond: number;
      readonly countLive: () => Promise<number>;
    },
  ) {}

  /** Rejects only when the fleet was never counted and cannot be now. */
  async current(): Promise<Timings> {
    if (performance.now() - this.countedAt > FRESH_MS || this.timings === undefined) {
      this.counting ??= this.count().finally(() => (this.counting = undefined));
      if (this.timings === undefined) await this.counting;
      // A count that fails leaves the last one; whoever stores the step meets the same failure.
      else this.counting.catch(() => undefined);
    }
    return this.timings ?? this.options.timings;
  }

  private async count(): Promise<void> {
    const { timings, maxHeartbeatsPerSecond, countLive } = this.options;
    this.timings = paced(timings, await countLive(), maxHeartbeatsPerSecond);
    this.countedAt = performance.now();
  }
}
