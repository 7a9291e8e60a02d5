import type { Progress } from '../transport.js';

/** Looks further apart than this leave a gap in which anything may have happened. */
const GAP_FACTOR = 4;
const SLACK_MS = 1000;

/**
 * Since when heartbeats could be heard without a break: the log was reachable at every look, and the consumers had read at each
 * what was there at the one before. What was silent meanwhile may be blamed for it; before, the fault may be ours.
 */
export class Listening {
  private since: number | null = null;
  private lastLook: number | null = null;
  private ends: ReadonlyMap<number, bigint> | null = null;

  /** `everyMs`: how often looks are due. `clock`: milliseconds, monotonic. */
  constructor(
    private readonly everyMs: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Milliseconds of listening without a break, up to the last look; a look that is overdue ends it. */
  get heardForMs(): number {
    if (this.since === null || this.lastLook === null || this.isLate()) return 0;
    return this.lastLook - this.since;
  }

  /** One look at the heartbeats' group; null when the log could not be reached. */
  look(progress: readonly Progress[] | null): void {
    if (this.isLate()) this.forget();
    const now = this.clock();
    if (progress === null || !this.hasReadUpTo(progress)) this.since = null;
    else this.since ??= now;
    this.lastLook = now;
    this.ends = progress === null ? null : new Map(progress.map(({ partition, end }) => [partition, end]));
  }

  /** Whether what the look before found at the end of each partition is read by now. */
  private hasReadUpTo(progress: readonly Progress[]): boolean {
    if (this.ends === null || this.ends.size === 0) return false;
    const read = new Map(progress.map(({ partition, committed }) => [partition, committed]));
    return [...this.ends].every(([partition, end]) => (read.get(partition) ?? -1n) >= end);
  }

  private isLate(): boolean {
    return this.lastLook !== null && this.clock() - this.lastLook > this.everyMs * GAP_FACTOR + SLACK_MS;
  }

  private forget(): void {
    this.since = null;
    this.ends = null;
  }
}
