import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../messages/index.js';
import type { Database, Log } from '../../runtime/index.js';
import { readFeeds } from '../read/node-feed.js';
import type { NodeStream } from './node-stream.js';

/** Streams that one statement reads for. */
const MAX_BATCH = 200;
const RETRY_AFTER_MS = 1000;

/**
 * Brings what is in the journal to the streams. One statement at a time: streams to look at are collected while it is under way and
 * read for together by the next one, so that statements do not grow in number with the fleet. While the database is away, the
 * streams wait, and go on from where they were.
 */
export class StreamFeeder {
  /** Streams for whom there may be something in the journal. */
  private readonly stirred = new Set<NodeStream>();
  private readonly stopping = new AbortController();
  private isReading = false;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  /** There may be something for this one. Those that are opening, or do not read, have to be stirred again when they are ready. */
  stir(stream: NodeStream): void {
    if (!stream.isWritable || this.stopping.signal.aborted) return;
    this.stirred.add(stream);
    if (this.isReading) return;
    this.isReading = true;
    void this.read();
  }

  forget(stream: NodeStream): void {
    this.stirred.delete(stream);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async read(): Promise<void> {
    let failures = 0;
    while (this.stirred.size > 0 && !this.stopping.signal.aborted) {
      // To the end of the turn: what was said together is read together.
      await new Promise(setImmediate);
      const batch = this.take();
      try {
        await this.readFor(batch);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1)
          this.log.warn({ error: errorText(error) }, 'event streams wait, the journal cannot be read');
        for (const stream of batch) this.stir(stream);
        await sleep(RETRY_AFTER_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
      }
    }
    this.isReading = false;
  }

  private take(): NodeStream[] {
    const batch: NodeStream[] = [];
    for (const stream of this.stirred) {
      if (batch.length === MAX_BATCH) break;
      batch.push(stream);
      this.stirred.delete(stream);
    }
    return batch;
  }

  private async readFor(streams: readonly NodeStream[]): Promise<void> {
    const asked = streams.flatMap((stream) =>
      stream.next !== null && stream.isWritable
        ? [{ stream, nodeId: stream.nodeId, from: stream.next, most: stream.appetite }]
        : [],
    );
    const parts = await readFeeds(this.database, asked);
    for (const [index, { entries, more }] of parts.entries()) {
      const stream = asked[index]?.stream;
      if (stream?.deliver(entries, more) === true && more) this.stir(stream);
    }
  }
}
