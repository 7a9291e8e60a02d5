import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../messages/index.js';
import { PlaceLost, type EventSource, type Log, type LogRecord } from '../../runtime/index.js';
import { encodeCursor } from './cursor.js';
import { passes } from './filter.js';
import { bodyOf, headOf } from './fleet-event.js';
import type { Follower } from './follower.js';

/** Followers that read the log by themselves at once; each holds what it has read ahead. */
const MAX_READING = 4;
/** Then the next one has its turn, where others wait. */
const TURN_MS = 1000;
const RETRY_AFTER_MS = 1000;

/**
 * Brings followers from their place to the present. A few at a time read, in turns; the others wait and hold nothing. A follower whose
 * listener takes no more gives its turn back, and what was read for it is forgotten: it is read again when it goes on.
 */
export class CatchingUp {
  private readonly queue = new Set<Follower>();
  private readonly stopping = new AbortController();
  private reading = 0;
  private hasFailed = false;

  constructor(
    private readonly source: EventSource,
    private readonly log: Log,
    /** The log has overtaken it: gives it a place that is there. */
    private readonly amend: (follower: Follower) => Promise<void>,
  ) {}

  add(follower: Follower): void {
    if (follower.isClosed) return;
    follower.state = 'queued';
    this.queue.add(follower);
    this.pump();
  }

  leave(follower: Follower): void {
    this.queue.delete(follower);
  }

  stop(): void {
    this.stopping.abort();
    this.queue.clear();
  }

  private pump(): void {
    for (const follower of this.queue) {
      if (this.reading >= MAX_READING || this.stopping.signal.aborted) return;
      this.queue.delete(follower);
      this.reading += 1;
      follower.state = 'reading';
      void this.turn(follower).finally(() => {
        this.reading -= 1;
        this.pump();
      });
    }
  }

  /** Never rejects. */
  private async turn(follower: Follower): Promise<void> {
    try {
      await this.read(follower);
      this.hasFailed = false;
    } catch (error) {
      await this.recover(follower, error);
    }
    if (follower.state === 'reading' && !this.stopping.signal.aborted) {
      follower.state = 'queued';
      this.queue.add(follower);
    }
  }

  /** Until it has joined the tail, is blocked or closed, or its turn is over. */
  private async read(follower: Follower): Promise<void> {
    const { tail, listener } = follower;
    const { topics } = listener.filter;
    const until = performance.now() + TURN_MS;
    const reader = this.source.read(follower.place, topics);
    while (performance.now() < until || this.queue.size === 0) {
      const to = tail.place.copy();
      const records = await reader.next(to);
      if (follower.isClosed || this.stopping.signal.aborted) return;
      if (records.length === 0) {
        for (const topic of topics) {
          for (const [partition, next] of to.of(topic).entries()) {
            if (follower.place.next(topic, partition) < next) follower.place.set(topic, partition, next);
          }
        }
        if (follower.place.hasReached(tail.place, topics)) return tail.join(follower);
      } else if (!this.deliver(follower, records)) {
        if (follower.state === 'reading') follower.state = 'blocked';
        return;
      }
    }
  }

  /** False when the listener takes no more: the place is where it stopped. */
  private deliver(follower: Follower, records: readonly LogRecord[]): boolean {
    const { filter } = follower.listener;
    const { fingerprint } = follower.tail;
    for (const record of records) {
      this.source.pass(follower.place, record, filter.topics);
      const head = headOf(record);
      if (head === null || !passes(filter, head)) continue;
      const body = bodyOf(record, head.type);
      if (body === null) continue;
      follower.hear({ ...head, ...body, cursor: encodeCursor({ fingerprint, place: follower.place }) });
      if (follower.isFull && !follower.tell()) return false;
    }
    return follower.tell();
  }

  private async recover(follower: Follower, error: unknown): Promise<void> {
    try {
      if (error instanceof PlaceLost) return await this.amend(follower);
    } catch {
      // Nobody can tell now where the log begins; asked again with the next turn.
    }
    if (!this.hasFailed) this.log.warn({ error: errorText(error) }, 'followers of events wait, the log cannot be read');
    this.hasFailed = true;
    await sleep(RETRY_AFTER_MS, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
