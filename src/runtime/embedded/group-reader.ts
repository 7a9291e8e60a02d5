import type { Pool } from 'pg';
import { errorText, type TopicNames } from '../../messages/index.js';
import { pause } from '../backoff.js';
import { LaneUnavailable, type Lane, type LogRecord } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { Ear } from './appended.js';
import { commitOffsets, registerGroup } from './offsets.js';
import { readForGroup } from './read-records.js';
import { Retrying } from './retrying.js';

const RETRY_AFTER_MS = 1000;

export type GroupReaderOptions = {
  /** Full name of the consumer group. */
  readonly group: string;
  readonly lane: Lane;
  /** Who holds the lease of the group; null where no other process can be. */
  readonly owner: string | null;
  /** Throws while the database is not ready. */
  readonly pool: () => Pool;
  readonly names: TopicNames;
  /** Rings when something is appended to the lane's topics. */
  readonly ear: Ear;
  readonly log: Log;
};

/**
 * One consumer group of this process: reads a batch, hands it to the lane, commits its offsets when the lane is done, and
 * so on. When the lane has to wait, the same records are read again later. While there is nothing it sleeps until there is.
 */
export class GroupReader {
  readonly group: string;
  /** Full names of the topics it reads. */
  readonly topics: readonly string[];
  private readonly closing = new AbortController();
  private readonly retrying: Retrying;
  private reading: Promise<void> = Promise.resolve();
  private waitsForLane = false;

  constructor(private readonly options: GroupReaderOptions) {
    this.group = options.group;
    this.topics = options.ear.topics;
    this.retrying = new Retrying(`reading for ${options.group}`, options.log);
  }

  get isPaused(): boolean {
    return this.waitsForLane;
  }

  get failure(): string | null {
    return this.retrying.failure;
  }

  start(): void {
    this.reading = this.run();
  }

  /** Resolves once the batch in hand is finished and committed. */
  async close(): Promise<void> {
    this.closing.abort();
    this.options.ear.ring();
    await this.reading;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const isClosing = (): boolean => signal.aborted;
    for (let isKnown = false; !isClosing();) {
      const { ear, pool } = this.options;
      ear.clear();
      try {
        if (!isKnown) await registerGroup(pool(), this.group, this.topics);
        isKnown = true;
        const records = await this.read();
        this.retrying.succeeded();
        if (records.length === 0) await ear.rung();
        else if (!isClosing() && (await this.isHandled(records))) {
          await commitOffsets(pool(), this.group, records);
        }
      } catch (error) {
        await this.retrying.failed(error, signal);
      }
    }
  }

  private read(): Promise<readonly LogRecord[]> {
    const { pool, names, owner } = this.options;
    return readForGroup(pool(), names, { group: this.group, topics: this.topics, owner });
  }

  private async isHandled(records: readonly LogRecord[]): Promise<boolean> {
    try {
      await this.options.lane.handle(records);
      return true;
    } catch (error) {
      const retryAfterMs = error instanceof LaneUnavailable ? error.retryAfterMs : RETRY_AFTER_MS;
      this.options.log.warn({ group: this.group, retryAfterMs, error: errorText(error) }, 'waiting, nothing is lost');
      this.waitsForLane = true;
      await pause(retryAfterMs, this.closing.signal);
      this.waitsForLane = false;
      return false;
    }
  }
}
