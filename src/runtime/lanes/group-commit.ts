type Job<T> = {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * While one batch is being worked on, the next one gathers: what several partitions deliver becomes one transaction, and
 * at low load nobody waits. Jobs keep their order; a job is never split.
 */
export class GroupCommit<T> {
  private readonly waiting: Job<T>[] = [];
  private working = false;

  constructor(
    private readonly work: (items: readonly T[]) => Promise<void>,
    private readonly maxItems: number,
  ) {}

  /** Resolves when the items, and whatever was gathered with them, are done; rejects with what stopped them. */
  submit(items: readonly T[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      if (!this.working) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.working = true;
    while (this.waiting.length > 0) {
      const jobs = this.gather();
      try {
        await this.work(jobs.flatMap((job) => job.items));
        for (const job of jobs) job.resolve();
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
    }
    this.working = false;
  }

  private gather(): Job<T>[] {
    const jobs: Job<T>[] = [];
    let count = 0;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (jobs.length > 0 && count + next.items.length > this.maxItems) break;
      jobs.push(next);
      count += next.items.length;
      this.waiting.shift();
    }
    return jobs;
  }
}
