/** Most ids of one statement. */
const MAX_IDS = 200;

type Waiting<T> = { readonly resolve: (found: T | null) => void; readonly reject: (error: unknown) => void };

/**
 * Reads things by id, many at once. Callers of one turn of the event loop share a statement, and whoever comes while it is
 * under way goes with the next: the busier it is, the more share one, and a lone caller does not wait. Every answer was read
 * after it was asked for.
 */
export class Batched<T> {
  private waiting = new Map<string, Waiting<T>[]>();
  private isBusy = false;

  /** `read` gives what it finds by id, and never throws synchronously. */
  constructor(private readonly read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** Null for what is not there. Rejects with what `read` rejects with. */
  find(id: string): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(id);
      if (others === undefined) this.waiting.set(id, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      this.begin();
    });
  }

  private begin(): void {
    if (this.isBusy || this.waiting.size === 0) return;
    this.isBusy = true;
    setImmediate(() => void this.run(this.take()));
  }

  private take(): ReadonlyMap<string, readonly Waiting<T>[]> {
    const all = this.waiting;
    this.waiting = new Map();
    if (all.size <= MAX_IDS) return all;
    const batch = new Map<string, Waiting<T>[]>();
    for (const [id, callers] of all) (batch.size < MAX_IDS ? batch : this.waiting).set(id, callers);
    return batch;
  }

  private async run(batch: ReadonlyMap<string, readonly Waiting<T>[]>): Promise<void> {
    try {
      const found = await this.read([...batch.keys()]);
      for (const [id, callers] of batch) {
        const one = found.get(id) ?? null;
        for (const { resolve } of callers) resolve(one);
      }
    } catch (error) {
      for (const { reject } of [...batch.values()].flat()) reject(error);
    } finally {
      this.isBusy = false;
      this.begin();
    }
  }
}
