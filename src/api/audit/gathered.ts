import { StateUnavailable } from '../read/query.js';

/** Most of one statement; most that wait for theirs. */
const MAX_BATCH = 200;
const MAX_WAITING = 5000;

type Waiting<T> = { readonly item: T; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Writes many small things by few statements: while one is under way the next are gathered, and a lone one waits for nobody. */
export class Gathered<T> {
  private waiting: Waiting<T>[] = [];
  private running: Promise<void> | null = null;

  constructor(private readonly write: (items: readonly T[]) => Promise<void>) {}

  /** Resolves once it is written. Rejects with what `write` rejects with, or StateUnavailable where too many wait. */
  add(item: T): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(new StateUnavailable('too many entries of the audit wait for the database'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.running ??= this.run().finally(() => (this.running = null));
    });
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH);
      try {
        await this.write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
