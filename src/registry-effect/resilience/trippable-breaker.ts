import type { IBreaker } from 'cockatiel';

/** Opens after `threshold` failures in a row, or with the very next one after `trip()`. */
export class TrippableBreaker implements IBreaker {
  state: unknown = null;
  private failures = 0;
  private tripped = false;

  constructor(private readonly threshold: number) {}

  /** The failure that is about to be reported is one that waiting does not mend. */
  trip(): void {
    this.tripped = true;
  }

  success(): void {
    this.failures = 0;
  }

  failure(): boolean {
    this.failures += 1;
    const open = this.tripped || this.failures >= this.threshold;
    this.tripped = false;
    return open;
  }
}
