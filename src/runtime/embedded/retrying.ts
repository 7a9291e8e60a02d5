import { errorText } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Log } from '../log.js';

/** A failure is told at once, and then every so often while it lasts. */
const TELL_EVERY_MS = 30_000;

/** Failures of one loop: how long to wait, what to say in the log, and the reason for whoever asks for health. */
export class Retrying {
  private attempts = 0;
  private toldAt = 0;
  private reason: string | null = null;

  constructor(
    private readonly what: string,
    private readonly log: Log,
  ) {}

  /** Why the last round failed; null when it did not. */
  get failure(): string | null {
    return this.reason;
  }

  succeeded(): void {
    if (this.reason !== null) this.log.info({ attempts: this.attempts }, `${this.what}: works again`);
    this.attempts = 0;
    this.toldAt = 0;
    this.reason = null;
  }

  /** Waits longer each time, at most 5 s; returns at once when the signal is aborted. */
  async failed(error: unknown, signal: AbortSignal): Promise<void> {
    this.reason = errorText(error);
    const retryInMs = backoffMs(this.attempts++);
    if (Date.now() - this.toldAt > TELL_EVERY_MS && !signal.aborted) {
      this.toldAt = Date.now();
      this.log.warn({ error: this.reason, retryInMs }, `${this.what}: failed, trying again`);
    }
    await pause(retryInMs, signal);
  }
}
