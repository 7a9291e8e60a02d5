import type { Tap } from '../transport.js';

/** Tells when nobody has listened to a tap for so long that it is worth while not to read. */
export class Silence {
  private current: Promise<void> | undefined;
  private since = 0;

  constructor(
    private readonly tap: Pick<Tap, 'silence'>,
    private readonly lastingMs: number,
  ) {}

  /** What resolves at the end of a silence that has lasted; undefined when there is none, or not long enough as far as was asked. */
  toRestIn(): Promise<void> | undefined {
    const silence = this.tap.silence?.();
    if (silence !== this.current) {
      this.current = silence;
      this.since = performance.now();
    }
    return performance.now() - this.since >= this.lastingMs ? silence : undefined;
  }
}
