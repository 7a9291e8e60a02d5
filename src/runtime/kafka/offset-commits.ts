import type { EachBatchPayload } from 'kafkajs';

/** From one commit of a group to the next. Late commits mean no more than that after a crash more comes again. */
const COMMIT_INTERVAL_MS = 200;
const RETRY_AFTER_MS = 1000;

/** What kafkajs hands over with every batch: both speak of the whole group, not of the batch. */
export type Offsets = Pick<EachBatchPayload, 'uncommittedOffsets' | 'commitOffsetsIfNecessary'>;

/**
 * Commits what one membership in a group has resolved, beside its batches: at once after a pause, else together with what is resolved
 * within the interval; one request at a time. A commit that fails is reported and tried again; whether the membership is lost, kafkajs
 * learns by its heartbeats.
 */
export class OffsetCommits {
  /** Set while something is resolved that no commit has carried. */
  private resolved: Offsets | undefined;
  private committing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(private readonly onFailure: (error: unknown) => void) {}

  /** Something was resolved. */
  add(offsets: Offsets): void {
    if (this.ended) return;
    this.resolved = offsets;
    if (this.timer === undefined && this.committing === undefined) void this.commit();
  }

  /** Resolves when all that is resolved by now is committed, or cannot be. */
  async flush(): Promise<void> {
    await this.committing;
    await this.commit();
  }

  /** The membership is over: what it resolved and has not committed comes again. */
  end(): void {
    this.ended = true;
    this.resolved = undefined;
    clearTimeout(this.timer);
  }

  private commit(): Promise<void> {
    this.committing ??= this.carryOut().finally(() => {
      this.committing = undefined;
    });
    return this.committing;
  }

  private async carryOut(): Promise<void> {
    const offsets = this.resolved;
    if (offsets === undefined) return;
    this.resolved = undefined;
    clearTimeout(this.timer);
    let waitMs = COMMIT_INTERVAL_MS;
    try {
      await offsets.commitOffsetsIfNecessary(offsets.uncommittedOffsets());
    } catch (error) {
      this.onFailure(error);
      if (!this.ended) this.resolved ??= offsets;
      waitMs = RETRY_AFTER_MS;
    }
    if (this.ended) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.commit();
    }, waitMs);
  }
}
