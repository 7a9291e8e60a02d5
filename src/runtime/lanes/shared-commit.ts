type Job<T, R> = {
  readonly items: readonly T[];
  readonly isPatient: boolean;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
};

type Share<T, R> = {
  readonly number: number;
  readonly jobs: Job<T, R>[];
  /** Items of the jobs. */
  count: number;
  /** Jobs that are not patient. */
  urgent: number;
  isBusy: boolean;
  /** It waited while another one began. */
  isOverlooked: boolean;
};

export type SharedCommitOptions<T, R> = {
  readonly shares: number;
  /** Most items in one batch, unless a single job has more. */
  readonly maxItems: number;
  /** So many items are worth a batch of their own beside another one. */
  readonly many: number;
  /** How long jobs wait for which nobody waits, unless they can go with others. Milliseconds. */
  readonly patienceMs: number;
  /** Of which shares the items are, by number from 0; no other batch has items of these meanwhile. */
  readonly work: (items: readonly T[], shares: readonly number[]) => Promise<R>;
};

/**
 * Batches of jobs in shares, between which there is no order. Each batch has costs of its own, so where little waits there is one at
 * a time, with what waits in all shares; where much waits, each share goes by itself, beside the others. While a batch is being worked
 * on, the next one gathers. Jobs of a share keep their order; a job is never split. A patient job goes with the next one that is not,
 * or when it has waited for long enough.
 */
export class SharedCommit<T, R> {
  private readonly shares: readonly Share<T, R>[];
  private running = 0;
  private patience: NodeJS.Timeout | undefined;
  /** A patient job has waited for long enough. */
  private isOverdue = false;

  constructor(private readonly options: SharedCommitOptions<T, R>) {
    this.shares = Array.from({ length: options.shares }, (_, number) => ({
      ...{ number, jobs: [], count: 0, urgent: 0, isBusy: false, isOverlooked: false },
    }));
  }

  /** Items that wait in the share that has most. */
  get longestBacklog(): number {
    return Math.max(...this.shares.map(({ count }) => count));
  }

  /** Resolves when the items, and whatever was gathered with them, are done; rejects with what stopped them. */
  submit(number: number, items: readonly T[], isPatient = false): Promise<R> {
    const share = this.shares[number];
    if (share === undefined) throw new RangeError(`there is no share ${number}`);
    return new Promise((resolve, reject) => {
      share.jobs.push({ items, isPatient, resolve, reject });
      share.count += items.length;
      if (!isPatient) share.urgent += 1;
      else if (!this.isOverdue) this.patience ??= setTimeout(() => this.hurry(), this.options.patienceMs);
      this.start();
    });
  }

  private hurry(): void {
    this.patience = undefined;
    this.isOverdue = true;
    this.start();
  }

  private start(): void {
    const waiting = this.shares.filter(({ isBusy, jobs }) => !isBusy && jobs.length > 0);
    if (waiting.length === 0 || (!this.isOverdue && waiting.every(({ urgent }) => urgent === 0))) return;
    const { many } = this.options;
    const isAlone = this.running === 0;
    if (isAlone && waiting.reduce((sum, { count }) => sum + count, 0) < many) return void this.run(this.shares);
    const starting = waiting.filter(({ count, isOverlooked }) => isAlone || count >= many || isOverlooked);
    // Whoever always has much would never let the others come together again.
    if (starting.length > 0) for (const share of waiting) share.isOverlooked = !starting.includes(share);
    for (const share of starting) void this.run([share]);
  }

  private async run(shares: readonly Share<T, R>[]): Promise<void> {
    this.running += 1;
    for (const share of shares) share.isBusy = true;
    const jobs = this.gather(shares);
    try {
      const result = await this.options.work(
        jobs.flatMap(({ items }) => items),
        shares.map(({ number }) => number),
      );
      for (const job of jobs) job.resolve(result);
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
    for (const share of shares) share.isBusy = false;
    this.running -= 1;
    this.start();
  }

  private gather(shares: readonly Share<T, R>[]): readonly Job<T, R>[] {
    const jobs: Job<T, R>[] = [];
    let count = 0;
    for (const share of shares) {
      for (let next = share.jobs[0]; next !== undefined; next = share.jobs[0]) {
        if (jobs.length > 0 && count + next.items.length > this.options.maxItems) break;
        jobs.push(next);
        share.jobs.shift();
        share.count -= next.items.length;
        if (!next.isPatient) share.urgent -= 1;
        count += next.items.length;
      }
    }
    if (this.shares.every((share) => share.jobs.length === 0)) this.calm();
    return jobs;
  }

  private calm(): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.isOverdue = false;
  }
}
