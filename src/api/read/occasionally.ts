import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../../messages/index.js';
import type { Log } from '../../runtime/index.js';

export type OccasionalOptions = {
  /** What is counted, for the log. */
  readonly what: string;
  readonly everyMs: number;
  /** Whoever asks waits no longer than this, and is told what was counted before. */
  readonly waitsForMs: number;
  /** The next count begins so many times later than the last one took: at most this share of the database's time goes to it. */
  readonly restsFor: number;
};

/**
 * Work that many ask for and that is done now and then: however often metrics are read, and by however many, a table is not
 * counted more often, nor by two at once. What fails leaves everything as it was, and is tried again when it is asked for.
 */
export class Occasionally {
  private readyAt = -Infinity;
  private working: Promise<void> | undefined;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly options: OccasionalOptions,
    private readonly log: Log,
  ) {}

  /** Resolves once the work is done, or need not be, or takes too long to be waited for. */
  async refresh(): Promise<void> {
    if (performance.now() < this.readyAt) return;
    this.working ??= this.run().finally(() => (this.working = undefined));
    const enough = new AbortController();
    const late = pause(this.options.waitsForMs, undefined, { signal: enough.signal, ref: false }).catch(
      () => undefined,
    );
    await Promise.race([this.working, late]);
    enough.abort();
  }

  private async run(): Promise<void> {
    const { what, everyMs, restsFor } = this.options;
    const began = performance.now();
    try {
      await this.work();
      const ended = performance.now();
      this.readyAt = Math.max(began + everyMs, ended + restsFor * (ended - began));
    } catch (error) {
      this.log.debug({ error: errorText(error) }, `${what} could not be counted`);
    }
  }
}
