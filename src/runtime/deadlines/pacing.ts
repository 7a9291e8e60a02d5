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
/** A count reads every deadline: a large fleet is counted so seldom that this takes no more than a two-hundredth of a core. */
const FRESH_FACTOR = 200;
/** Where the count took longer still, the database was waited for, which costs nothing. */
const MAX_FRESH_MS = 60_000;

/** Knows how many nodes owe heartbeats, well enough: counts again when asked after a while, and answers at once meanwhile. */
export class Pacing {
  private timings: Timings | undefined;
  private freshUntil = 0;
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
    if (performance.now() > this.freshUntil || this.timings === undefined) {
      this.counting ??= this.count().finally(() => (this.counting = undefined));
      if (this.timings === undefined) await this.counting;
      // A count that fails leaves the last one; whoever stores the step meets the same failure.
      else this.counting.catch(() => undefined);
    }
    return this.timings ?? this.options.timings;
  }

  /** Somebody else has counted the nodes that owe heartbeats, in so many milliseconds. */
  counted(liveNodes: number, tookMs: number): void {
    const { timings, maxHeartbeatsPerSecond } = this.options;
    this.timings = paced(timings, liveNodes, maxHeartbeatsPerSecond);
    this.freshUntil = performance.now() + Math.max(FRESH_MS, Math.min(FRESH_FACTOR * tookMs, MAX_FRESH_MS));
  }

  private async count(): Promise<void> {
    const started = performance.now();
    this.counted(await this.options.countLive(), performance.now() - started);
  }
}
