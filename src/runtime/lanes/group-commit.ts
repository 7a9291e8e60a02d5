type Job<T, R> = {
  readonly items: readonly T[];
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * While one batch is being worked on, the next one gathers: what several partitions deliver becomes one transaction, and
 * at low load nobody waits. Jobs keep their order; a job is never split.
 */
export class GroupCommit<T, R = void> {
  private readonly waiting: Job<T, R>[] = [];
  private working = false;

  constructor(
    private readonly work: (items: readonly T[]) => Promise<R>,
    private readonly maxItems: number,
  ) {}

  /** Items that wait for their turn. */
  get backlog(): number {
    return this.waiting.reduce((sum, { items }) => sum + items.length, 0);
  }

  /** Resolves when the items, and whatever was gathered with them, are done; rejects with what stopped them. */
  submit(items: readonly T[]): Promise<R> {
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
        const result = await this.work(jobs.flatMap((job) => job.items));
        for (const job of jobs) job.resolve(result);
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
    }
    this.working = false;
  }

  private gather(): Job<T, R>[] {
    const jobs: Job<T, R>[] = [];
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
