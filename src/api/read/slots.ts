import { StateUnavailable } from './query.js';

/** Work that may wait for room; with more, the database does not keep up, and waiting would not end in time. */
const MAX_WAITING = 200;

/**
 * A bound on what is done at once. The connections of the state database are those of the lanes, too: however many people
 * read, the lanes must not wait for them.
 */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly size: number,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  /** Does the work as soon as there is room, first come first served. Throws {@link StateUnavailable} when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting.length >= this.maxWaiting)
      throw new StateUnavailable('too many reads are waiting for the database');
    if (this.running >= this.size) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // Who waits takes over this very slot.
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
