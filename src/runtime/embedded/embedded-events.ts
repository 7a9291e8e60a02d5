import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { TopicNames, TopicSuffix } from '../../messages/index.js';
import type { Bounds, EventEar, EventReader, EventSource } from '../events/event-source.js';
import { EVENT_TOPICS } from '../events/event-topics.js';
import { Place } from '../events/place.js';
import type { LogRecord } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { Appended, Ear } from './appended.js';
import { boundsOfLog } from './bounds-of-log.js';
import { EmbeddedEventReader } from './embedded-event-reader.js';
import { readAfter } from './read-records.js';
import { Retrying } from './retrying.js';

/** After records were heard, so that a busy log is read in few statements. */
const BREATH_MS = 30;

export type EmbeddedEventsOptions = {
  /** Throws while the database is not ready. */
  readonly pool: () => Pool;
  readonly names: TopicNames;
  readonly appended: Appended;
  readonly retentionMs: number;
  readonly log: Log;
};

/** The events of the embedded log. It has one order for all topics, so a record moves the place in each of them. */
export class EmbeddedEvents implements EventSource {
  private readonly following = new Map<AbortController, Promise<void>>();
  /** For whoever follows; there is one at a time. */
  private readonly ear: Ear;

  constructor(private readonly options: EmbeddedEventsOptions) {
    this.ear = options.appended.ear(this.fullNames(EVENT_TOPICS));
  }

  async bounds(): Promise<Bounds> {
    const { pool, names, retentionMs } = this.options;
    const { first, next } = await boundsOfLog(pool(), retentionMs);
    return { log: `embedded ${names.prefix}`, first: everywhere(first), next: everywhere(next) };
  }

  read(from: Place, topics: readonly TopicSuffix[]): EventReader {
    const read = (place: Place) => this.readFrom(place, topics);
    return new EmbeddedEventReader({ read, bounds: () => this.bounds(), from, topics });
  }

  follow(from: Place, ear: EventEar): () => void {
    const closing = new AbortController();
    this.following.set(closing, this.run(from.copy(), ear, closing.signal));
    return () => this.callOff(closing);
  }

  pass(place: Place, { offset }: LogRecord, topics: readonly TopicSuffix[]): void {
    const next = Number(offset) + 1;
    for (const topic of topics) place.set(topic, 0, Math.max(next, place.next(topic, 0)));
  }

  async close(): Promise<void> {
    const running = [...this.following.values()];
    for (const closing of this.following.keys()) this.callOff(closing);
    await Promise.all(running);
  }

  private callOff(closing: AbortController): void {
    closing.abort();
    this.following.delete(closing);
    this.ear.ring();
  }

  private async run(place: Place, ear: EventEar, signal: AbortSignal): Promise<void> {
    const retrying = new Retrying('following events', this.options.log);
    const isOver = (): boolean => signal.aborted;
    let isSure = true;
    while (!isOver()) {
      this.ear.clear();
      try {
        if (!isSure) {
          // After a failure it may be another database: a backup was put back.
          const { first, next } = await this.bounds();
          if (!next.hasReached(place, EVENT_TOPICS)) {
            place = first;
            ear.lost(place.copy());
          }
          isSure = true;
        }
        const records = await this.readFrom(place, EVENT_TOPICS);
        retrying.succeeded();
        if (isOver()) return;
        if (records.length === 0) await this.ear.rung();
        else {
          for (const record of records) this.pass(place, record, EVENT_TOPICS);
          ear.heard(records);
          await sleep(BREATH_MS);
        }
      } catch (error) {
        isSure = false;
        await retrying.failed(error, signal);
      }
    }
  }

  private readFrom(place: Place, topics: readonly TopicSuffix[]): Promise<readonly LogRecord[]> {
    const { pool, names } = this.options;
    const from = Math.min(...topics.map((topic) => place.next(topic, 0)));
    return readAfter(pool(), names, this.fullNames(topics), BigInt(Math.max(0, from - 1)));
  }

  private fullNames(topics: readonly TopicSuffix[]): readonly string[] {
    return topics.map((topic) => this.options.names.full(topic));
  }
}

function everywhere(next: number): Place {
  return Place.of(EVENT_TOPICS.map((topic) => [topic, [next]] as const));
}
