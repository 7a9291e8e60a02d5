/** A fleet that is unknown here asks the registry's log, and the registry it, no faster than this. */
const PER_SECOND = 50;
/** One node is asked again after this. */
const AGAIN_AFTER_MS = 60_000;

/** Bounds how often nodes are asked to introduce themselves: so many a second together, and each once in a while. */
export class IntrospectionRequests {
  private readonly asked = new Map<string, number>();
  private tokens = PER_SECOND;
  private filledAt: number;

  constructor(private readonly clock: () => number = () => performance.now()) {
    this.filledAt = clock();
  }

  /** Whether the node may be asked now; then it counts as asked. */
  admit(nodeId: string): boolean {
    const now = this.clock();
    this.tokens = Math.min(PER_SECOND, this.tokens + ((now - this.filledAt) / 1000) * PER_SECOND);
    this.filledAt = now;
    this.forget(now);
    if (this.tokens < 1 || this.asked.has(nodeId)) return false;
    this.tokens -= 1;
    this.asked.set(nodeId, now);
    return true;
  }

  /** The requests did not get into the log: the nodes may be asked when their beats come again. */
  withdraw(nodeIds: readonly string[]): void {
    for (const nodeId of nodeIds) {
      if (this.asked.delete(nodeId)) this.tokens = Math.min(PER_SECOND, this.tokens + 1);
    }
  }

  private forget(now: number): void {
    for (const [nodeId, at] of this.asked) {
      // Oldest first: a map keeps the order in which its keys came.
      if (now - at < AGAIN_AFTER_MS) return;
      this.asked.delete(nodeId);
    }
  }
}
