/** What the server answers where waiting would never end. */
export class DeadlockDetected extends Error {
  readonly code = '40P01';
  readonly severity = 'ERROR';
}

type Waiting = { readonly by: object; readonly grant: () => void; readonly refuse: (error: Error) => void };

/** Locks by key, granted in the order in which they were asked for, held until their holder lets go of all. */
export class RowLocks {
  private readonly holders = new Map<string, object>();
  private readonly queues = new Map<string, Waiting[]>();
  private readonly waitsFor = new Map<object, string>();

  /** Waited for so often. */
  contended = 0;

  /** Rejects with {@link DeadlockDetected}, or when the asker is released meanwhile. */
  acquire(by: object, key: string): Promise<void> | null {
    const holder = this.holders.get(key);
    if (holder === undefined) {
      this.holders.set(key, by);
      return null;
    }
    if (holder === by) return null;
    this.contended += 1;
    for (let other: object | undefined = holder; other !== undefined;) {
      if (other === by) return Promise.reject(new DeadlockDetected('deadlock detected'));
      const awaited = this.waitsFor.get(other);
      other = awaited === undefined ? undefined : this.holders.get(awaited);
    }
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(key) ?? [];
      this.queues.set(key, queue);
      this.waitsFor.set(by, key);
      queue.push({
        by,
        grant: () => {
          this.waitsFor.delete(by);
          resolve();
        },
        refuse: reject,
      });
    });
  }

  /** Lets go of everything that it holds or waits for. */
  release(by: object): void {
    const awaited = this.waitsFor.get(by);
    if (awaited !== undefined) {
      const queue = this.queues.get(awaited) ?? [];
      const index = queue.findIndex((waiting) => waiting.by === by);
      const [waiting] = queue.splice(index, 1);
      this.waitsFor.delete(by);
      waiting?.refuse(new Error('the connection was closed while the statement waited for a lock'));
    }
    for (const [key, holder] of this.holders) {
      if (holder !== by) continue;
      const next = this.queues.get(key)?.shift();
      if (next === undefined) this.holders.delete(key);
      else {
        this.holders.set(key, next.by);
        next.grant();
      }
    }
  }
}
