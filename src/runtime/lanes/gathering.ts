/** A batch in the making. `done` rejects with what stopped it. */
export type Gathered = { readonly done: Promise<void>; readonly hasFailed: boolean };

class Batch<B> implements Gathered {
  readonly done: Promise<void>;
  hasFailed = false;
  finish!: () => void;
  private reject!: (error: unknown) => void;

  constructor(readonly content: B) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.reject = reject;
    });
    // Whoever added to it hears of it; nobody may be left.
    this.done.catch(() => undefined);
  }

  fail(error: unknown): void {
    this.hasFailed = true;
    this.reject(error);
  }
}

/**
 * While one batch is being worked on, the next one gathers, and is worked on as soon as that is done: at low load nobody waits, at
 * high load the batches grow. When one fails, so does what has gathered behind it: of two records that belong together, the later
 * one is never worked on where the earlier one was not.
 */
export class Gathering<B> {
  private next: Batch<B> | undefined;
  private working = false;

  constructor(
    private readonly create: () => B,
    private readonly work: (content: B) => Promise<void>,
    /** How long a batch gathers at least, although nobody is at work. Nothing need be waited for where it is left out. */
    private readonly fill?: (content: B) => Promise<void> | undefined,
  ) {}

  /** Adds to the batch that gathers now, and gives it. */
  add(fill: (content: B) => void): Gathered {
    const batch = (this.next ??= new Batch(this.create()));
    fill(batch.content);
    if (!this.working) void this.run();
    return batch;
  }

  private async run(): Promise<void> {
    this.working = true;
    while (this.next !== undefined) {
      const filling = this.fill?.(this.next.content);
      if (filling !== undefined) await filling;
      const batch = this.take();
      if (batch === undefined) break;
      try {
        await this.work(batch.content);
        batch.finish();
      } catch (error) {
        batch.fail(error);
        this.take()?.fail(error);
      }
    }
    this.working = false;
  }

  private take(): Batch<B> | undefined {
    const batch = this.next;
    this.next = undefined;
    return batch;
  }
}
