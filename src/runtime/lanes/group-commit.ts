import { SharedCommit } from './shared-commit.js';

/**
 * While one batch is being worked on, the next one gathers: what several partitions deliver becomes one transaction, and
 * at low load nobody waits. Jobs keep their order; a job is never split. It is a {@link SharedCommit} of one share.
 */
export class GroupCommit<T, R = void> {
  private readonly commits: SharedCommit<T, R>;

  constructor(work: (items: readonly T[]) => Promise<R>, maxItems: number) {
    this.commits = new SharedCommit({ shares: 1, many: 0, patienceMs: 0, maxItems, work });
  }

  /** Items that wait for their turn. */
  get backlog(): number {
    return this.commits.longestBacklog;
  }

  /** Resolves when the items, and whatever was gathered with them, are done; rejects with what stopped them. */
  submit(items: readonly T[]): Promise<R> {
    return this.commits.submit(0, items);
  }
}
