import type { Log } from '../log.js';
import { Retrying } from './retrying.js';

/** Does something now and then, one round at a time, until it is closed; a round that fails is tried again, ever later. */
export class Rounds {
  private readonly closing = new AbortController();
  private readonly retrying: Retrying;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(
    what: string,
    private readonly everyMs: number,
    private readonly work: (signal: AbortSignal) => Promise<void>,
    log: Log,
  ) {
    this.retrying = new Retrying(what, log);
  }

  get failure(): string | null {
    return this.retrying.failure;
  }

  /** The first round begins now, or after the interval. */
  start(first: 'now' | 'later'): void {
    this.plan(first === 'now' ? 0 : this.everyMs);
  }

  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    await this.working;
  }

  private plan(ms: number): void {
    if (this.closing.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.working = this.round();
    }, ms);
    this.timer.unref();
  }

  private async round(): Promise<void> {
    const { signal } = this.closing;
    try {
      await this.work(signal);
      this.retrying.succeeded();
    } catch (error) {
      await this.retrying.failed(error, signal);
    }
    this.plan(this.everyMs);
  }
}
