import type { FleetEvent } from './events.js';

/** What came within one interval. */
export type Batch = {
  readonly count: number;
  /** The newest of them, newest first: a herd is more than anybody reads. */
  readonly newest: readonly FleetEvent[];
  /** The nodes that they are of; null where there were too many to name them. */
  readonly nodeIds: ReadonlySet<string> | null;
};

const KEPT = 50;
const NAMED = 500;

/** Starts a timer and returns what stops it. */
export type Later = (run: () => void, ms: number) => () => void;

/**
 * Gathers events and hands them on at most once in an interval, so that a fleet that restarts costs the page no more than a
 * fleet that is quiet. Holds a bounded number of them.
 */
export class Batches {
  private count = 0;
  private newest: FleetEvent[] = [];
  private nodeIds: Set<string> | null = new Set();
  private stopTimer: (() => void) | null = null;

  constructor(
    private readonly handOn: (batch: Batch) => void,
    private readonly intervalMs: number,
    private readonly later: Later = afterTimeout,
  ) {}

  add(event: FleetEvent): void {
    this.count += 1;
    this.newest.push(event);
    if (this.newest.length > 2 * KEPT) this.newest = this.newest.slice(-KEPT);
    this.nodeIds?.add(event.nodeId);
    if (this.nodeIds !== null && this.nodeIds.size > NAMED) this.nodeIds = null;
    this.stopTimer ??= this.later(() => this.flush(), this.intervalMs);
  }

  /** Forgets what was not handed on yet. */
  close(): void {
    this.stopTimer?.();
    this.stopTimer = null;
  }

  private flush(): void {
    const batch = { count: this.count, newest: this.newest.slice(-KEPT).reverse(), nodeIds: this.nodeIds };
    this.count = 0;
    this.newest = [];
    this.nodeIds = new Set();
    this.stopTimer = null;
    this.handOn(batch);
  }
}

const afterTimeout: Later = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
