import type { Place } from '../../runtime/index.js';
import { encodeCursor } from './cursor.js';
import type { FleetEvent } from './fleet-event.js';
import type { Listener } from './listener.js';

/**
 * Where a follower is. *Queued*: waits for its turn to read the log. *Reading*: on its way from its place to the present. *Live*: hears
 * what the tail hears; its place is the tail's. *Blocked*: its listener takes no more; it is queued again when it does. *Ahead*: it has
 * come from a replica that is further than the tail of this process, and waits for that. *Closed*.
 */
export type FollowerState = 'queued' | 'reading' | 'live' | 'blocked' | 'ahead' | 'closed';

/** What is told at once; a listener that takes no more has taken at most this much too much. */
const MAX_TOLD = 100;
const MAX_TOLD_CHARACTERS = 128 * 1024;

/** What followers join once they have come to the present. */
export type Tail = {
  readonly place: Place;
  readonly fingerprint: number;
  join(follower: Follower): void;
  leave(follower: Follower): void;
};

/** A listener, and how far it has come. */
export class Follower {
  state: FollowerState = 'queued';
  private heard: FleetEvent[] = [];
  private characters = 0;

  constructor(
    readonly listener: Listener,
    readonly tail: Tail,
    /** What is to be heard next, unless it is live. */
    public place: Place,
  ) {}

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  cursor(): string {
    const place = this.state === 'live' ? this.tail.place : this.place;
    return encodeCursor({ fingerprint: this.tail.fingerprint, place });
  }

  hear(event: FleetEvent): void {
    this.heard.push(event);
    this.characters += event.text.length;
  }

  /** Enough has been heard to be told. */
  get isFull(): boolean {
    return this.heard.length >= MAX_TOLD || this.characters >= MAX_TOLD_CHARACTERS;
  }

  /** Tells the listener what was heard. False when it takes no more. */
  tell(): boolean {
    if (this.heard.length === 0) return true;
    const { heard } = this;
    this.heard = [];
    this.characters = 0;
    return this.listener.take(heard);
  }

  close(): void {
    this.state = 'closed';
    this.tail.leave(this);
    this.heard = [];
  }
}
