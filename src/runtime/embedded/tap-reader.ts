import type { Pool } from 'pg';
import { errorText, type TopicNames } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Tap } from '../transport.js';
import type { Ear } from './appended.js';
import { endOfLog } from './offsets.js';
import { readAfter } from './read-records.js';
import { Retrying } from './retrying.js';

/** Behind all records that there can be. */
const END = 2n ** 63n;

export type TapReaderOptions = {
  readonly tap: Tap;
  readonly pool: () => Pool;
  readonly names: TopicNames;
  /** Rings when something is appended to the tap's topics. */
  readonly ear: Ear;
  readonly log: Log;
};

/**
 * Reads what is appended from now on, whoever appends it. Keeps its place while the database is away, and then goes on. While nobody
 * listens it does not read, and then begins anew at the end.
 */
export class TapReader {
  private readonly closing = new AbortController();
  private readonly retrying: Retrying;
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly options: TapReaderOptions) {
    this.retrying = new Retrying('following the log', options.log);
  }

  get failure(): string | null {
    return this.retrying.failure;
  }

  start(): void {
    this.reading = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.options.ear.ring();
    await this.reading;
  }

  /** Resolves when somebody listens again, or the reader is closed. */
  private rest(silence: Promise<void>): Promise<void> {
    const { signal } = this.closing;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      void silence.then(() => {
        resolve();
      });
    });
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const { tap, pool, names, ear } = this.options;
    let position = END;
    let isSure = false;
    while (!signal.aborted) {
      // Only where the database answers: a failure is told until it is over.
      const silence = isSure ? tap.silence?.() : undefined;
      if (silence !== undefined) {
        await this.rest(silence);
        position = END;
        isSure = false;
        continue;
      }
      ear.clear();
      try {
        if (!isSure) {
          // The start; a rest; or after a failure another database than before: a backup was put back.
          const end = await endOfLog(pool());
          if (position > end) {
            position = end;
            this.tell(() => tap.missed());
          }
          isSure = true;
        }
        const records = await readAfter(pool(), names, ear.topics, position);
        this.retrying.succeeded();
        const last = records.at(-1);
        if (last === undefined) await ear.rung();
        else {
          position = BigInt(last.offset);
          this.tell(() => tap.heard(records));
        }
      } catch (error) {
        isSure = false;
        await this.retrying.failed(error, signal);
      }
    }
  }

  private tell(speak: () => void): void {
    try {
      speak();
    } catch (error) {
      this.options.log.error({ error: errorText(error) }, 'who follows the log failed; the log goes on');
    }
  }
}
