/** A beat comes so much earlier or later than the interval says, at most: nodes that began together do not go on together. */
const JITTER = 0.05;

/**
 * Beats at an interval, from a moment within the first one that chance decides. A beat that is still on its way when the next one is due
 * takes its place: after an outage there is one, not all that were missed.
 */
export class Pulse {
  #timer: NodeJS.Timeout | undefined;
  #intervalMs: number | undefined;
  #isBeating = false;

  /** `beat` never rejects. */
  constructor(
    private readonly beat: () => Promise<void>,
    private readonly random: () => number = Math.random,
  ) {}

  /** From now on at this interval, milliseconds. The one that it has already changes nothing. */
  start(intervalMs: number): void {
    if (this.#intervalMs === intervalMs) return;
    this.stop();
    this.#intervalMs = intervalMs;
    this.#next(this.random() * intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#intervalMs = undefined;
  }

  #next(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const intervalMs = this.#intervalMs;
      if (intervalMs === undefined) return;
      this.#next(intervalMs * (1 - JITTER + 2 * JITTER * this.random()));
      if (!this.#isBeating) void this.#once();
    }, afterMs);
  }

  async #once(): Promise<void> {
    this.#isBeating = true;
    await this.beat();
    this.#isBeating = false;
  }
}
