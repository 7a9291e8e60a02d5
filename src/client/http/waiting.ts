import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 5000;

/** How long to wait before attempt number `failures` + 1: doubled each time, half of it by chance, so that many do not come at once. */
export function backoffMs(failures: number, firstMs = FIRST_MS): number {
  const full = Math.min(LONGEST_MS, firstMs * 2 ** Math.min(failures, 10));
  return full / 2 + (Math.random() * full) / 2;
}

/** Ends early, and without an error, when the signal does. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** At most `size` of these at once; the others wait their turn, first come first served. */
export class Limit {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who waits takes over this very place.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
