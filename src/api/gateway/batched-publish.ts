import type { Bus, OutgoingRecord } from '../../runtime/index.js';

/** Most records of one request to the log; most requests at once; most records that wait for theirs. */
const MAX_BATCH = 500;
const MAX_UNDER_WAY = 2;
const MAX_WAITING = 20_000;

type Waiting = {
  readonly record: OutgoingRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** More than this waits for a log that does not keep up: who comes now is better told to try again. */
export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
}

/**
 * Publishes what comes in many small requests as few large ones: while one is under way, the next is collected, so batches grow
 * with the load and a lone record waits for nobody.
 */
export class BatchedPublish {
  private waiting: Waiting[] = [];
  private underWay = 0;
  private scheduled = false;

  constructor(private readonly bus: Pick<Bus, 'publish'>) {}

  /** Resolves once the record is durable in the log. Rejects with what the bus throws, or {@link TooManyWaiting}. */
  publish(record: OutgoingRecord): Promise<void> {
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(new TooManyWaiting(`${this.waiting.length} messages wait for the log`));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.underWay >= MAX_UNDER_WAY || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.send(this.waiting.splice(0, MAX_BATCH));
      this.schedule();
    });
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    this.underWay += 1;
    try {
      await this.bus.publish(batch.map(({ record }) => record));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.underWay -= 1;
      this.schedule();
    }
  }
}
