/**
 * Open loop: node number i is due at i / rate, fixed in advance. A registry that slows down does not slow the nodes down,
 * and latency counts from the time that was due: no coordinated omission.
 */
export class Schedule {
  constructor(
    private readonly nodes: number,
    private readonly ratePerSecond: number,
    private readonly startedAt: number,
  ) {}

  /** How many are due at `now`. */
  due(now: number): number {
    const behindFirst = Math.floor(((now - this.startedAt) * this.ratePerSecond) / 1000);
    // dueAt() rounds in another way than this division does, so the next one may be due as well.
    const count = this.dueAt(behindFirst + 1) <= now ? behindFirst + 2 : behindFirst + 1;
    return Math.max(0, Math.min(this.nodes, count));
  }

  dueAt(index: number): number {
    return this.startedAt + (index * 1000) / this.ratePerSecond;
  }
}
