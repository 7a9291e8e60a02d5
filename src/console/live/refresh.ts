import type { Later } from './batches.js';

/**
 * Runs what brings a view up to date: at once when it was quiet, then at most once in an interval, and once more behind the last
 * request, so that the view ends up current.
 */
export class Refresh {
  private isWanted = false;
  private stopTimer: (() => void) | null = null;

  constructor(
    private readonly run: () => void,
    private readonly intervalMs: number,
    private readonly later: Later,
  ) {}

  want(): void {
    if (this.stopTimer !== null) {
      this.isWanted = true;
      return;
    }
    this.run();
    this.stopTimer = this.later(() => {
      this.stopTimer = null;
      if (!this.isWanted) return;
      this.isWanted = false;
      this.want();
    }, this.intervalMs);
  }

  close(): void {
    this.stopTimer?.();
    this.stopTimer = null;
    this.isWanted = false;
  }
}
