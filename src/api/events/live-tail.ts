import { EVENT_TOPICS, type Bounds, type EventSource, type LogRecord, type Place } from '../../runtime/index.js';
import { encodeCursor, fingerprintOf } from './cursor.js';
import { passes } from './filter.js';
import { bodyOf, headOf, type FleetEvent } from './fleet-event.js';
import type { Follower, Tail } from './follower.js';

export type TailEvents = {
  /** Its listener takes no more; its place is where it stopped. */
  readonly blocked: (follower: Follower) => void;
  /** The tail has come to where it is: it may join. */
  readonly reached: (follower: Follower) => void;
  /** The log was cut off or made anew: all that are live have missed something. */
  readonly lost: (follower: Follower) => void;
};

/**
 * The present: the log is read once for all who have come to it. An event is read, and its cursor made, once for all of them, and only
 * when somebody wants it. Who does not take more leaves, with the place where he stopped.
 */
export class LiveTail implements Tail {
  /** What is to be heard next. */
  readonly place: Place;
  readonly fingerprint: number;
  private readonly live = new Set<Follower>();
  private readonly ahead = new Set<Follower>();
  private readonly callOff: () => void;

  constructor(
    private readonly source: EventSource,
    { log, next }: Pick<Bounds, 'log' | 'next'>,
    private readonly events: TailEvents,
  ) {
    this.place = next.copy();
    this.fingerprint = fingerprintOf(log);
    this.callOff = source.follow(next, {
      heard: (records) => this.heard(records),
      lost: (place) => this.lost(place),
    });
  }

  /** For a follower who has come to the tail's place: nothing may happen between that finding and this. */
  join(follower: Follower): void {
    const { topics } = follower.listener.filter;
    if (this.place.hasReached(follower.place, topics)) {
      follower.state = 'live';
      this.live.add(follower);
      follower.listener.upToDate();
    } else {
      follower.state = 'ahead';
      this.ahead.add(follower);
    }
  }

  leave(follower: Follower): void {
    this.live.delete(follower);
    this.ahead.delete(follower);
  }

  stop(): void {
    this.callOff();
  }

  private heard(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.source.pass(this.place, record, EVENT_TOPICS);
      this.pass(record);
    }
    for (const follower of this.live) this.tell(follower);
    for (const follower of this.ahead) {
      if (!this.place.hasReached(follower.place, follower.listener.filter.topics)) continue;
      this.ahead.delete(follower);
      this.events.reached(follower);
    }
  }

  private pass(record: LogRecord): void {
    const head = headOf(record);
    if (head === null) return;
    let event: FleetEvent | null | undefined;
    for (const follower of this.live) {
      if (!passes(follower.listener.filter, head)) continue;
      event ??= this.eventOf(record, head);
      if (event === null) return;
      follower.hear(event);
      if (follower.isFull) this.tell(follower);
    }
  }

  private eventOf(record: LogRecord, head: Pick<FleetEvent, 'type' | 'nodeId'>): FleetEvent | null {
    const body = bodyOf(record, head.type);
    return body && { ...head, ...body, cursor: encodeCursor(this) };
  }

  private tell(follower: Follower): void {
    if (follower.tell() || follower.state !== 'live') return;
    follower.place = this.place.copy();
    this.live.delete(follower);
    this.events.blocked(follower);
  }

  private lost(place: Place): void {
    for (const topic of EVENT_TOPICS) {
      for (const [partition, next] of place.of(topic).entries()) this.place.set(topic, partition, next);
    }
    for (const follower of this.ahead) {
      // What it was ahead of is not what is there now.
      this.ahead.delete(follower);
      follower.place = this.place.copy();
      this.events.lost(follower);
      this.events.reached(follower);
    }
    for (const follower of this.live) this.events.lost(follower);
  }
}
