import type { Progress } from '../transport.js';

/** Looks further apart than this leave a gap in which anything may have happened. */
const GAP_FACTOR = 4;
const SLACK_MS = 1000;

/**
 * Since when heartbeats could be heard without a break: the log was reachable at every look, and the consumers had read at each
 * what was there at the one before. What was silent meanwhile may be blamed for it; before, the fault may be ours. While the consumers
 * are behind nobody is blamed. What waits for them in the log is not lost, so that a short delay only has to be made up for; after a
 * long one, in which the gateway may have taken no heartbeats either, listening begins anew.
 */
export class Listening {
  private since: number | null = null;
  private lastLook: number | null = null;
  private behindSince: number | null = null;
  private ends: ReadonlyMap<number, bigint> | null = null;

  /** `everyMs`: how often looks are due. `behindMs`: a delay that is not long. `clock`: milliseconds, monotonic. */
  constructor(
    private readonly everyMs: number,
    private readonly behindMs: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Milliseconds of listening without a break, up to the last look; a look that is overdue ends it. 0 while consumers are behind. */
  get heardForMs(): number {
    if (this.since === null || this.lastLook === null || this.behindSince !== null || this.isLate()) return 0;
    return this.lastLook - this.since;
  }

  /** One look at the heartbeats' group; null when the log could not be reached. */
  look(progress: readonly Progress[] | null): void {
    if (this.isLate()) this.forget();
    const now = this.clock();
    const read = progress && this.readOf(progress);
    if (read === 'all') {
      this.since ??= now;
      this.behindSince = null;
    } else {
      this.behindSince ??= this.lastLook ?? now;
      if (read === null || now - this.behindSince > this.behindMs) this.since = this.behindSince = null;
    }
    this.lastLook = now;
    this.ends = progress === null ? null : new Map(progress.map(({ partition, end }) => [partition, end]));
  }

  /** Of what the look before found in each partition; null where that cannot be told. */
  private readOf(progress: readonly Progress[]): 'all' | 'some' | null {
    if (this.ends === null || this.ends.size === 0) return null;
    const read = new Map(progress.map(({ partition, committed }) => [partition, committed]));
    if ([...this.ends.keys()].some((partition) => !read.has(partition))) return null;
    return [...this.ends].every(([partition, end]) => (read.get(partition) ?? -1n) >= end) ? 'all' : 'some';
  }

  private isLate(): boolean {
    return this.lastLook !== null && this.clock() - this.lastLook > this.everyMs * GAP_FACTOR + SLACK_MS;
  }

  private forget(): void {
    this.since = null;
    this.behindSince = null;
    this.ends = null;
  }
}
