import { Registry } from 'prom-client';
import { decodeCursor, type Cursor } from '../../src/api/events/cursor.js';
import { EventMetrics } from '../../src/api/events/event-metrics.js';
import { eventFilter } from '../../src/api/events/filter.js';
import type { FleetEvent } from '../../src/api/events/fleet-event.js';
import { FleetHub } from '../../src/api/events/fleet-hub.js';
import type { Following, Listener, LossReason } from '../../src/api/events/listener.js';
import { StreamSlots } from '../../src/api/gateway/stream-slots.js';
import { createLog, type EventSource } from '../../src/runtime/index.js';

/** A listener that a test can look into, and that takes as much at once as it is told. */
export class TestListener implements Listener {
  readonly protocol = 'sse';
  readonly heard: FleetEvent[] = [];
  readonly losses: LossReason[] = [];
  upToDates = 0;
  ended: string | undefined;
  following: Following | undefined;
  /** After how many events it takes no more. */
  room = Infinity;
  /** Where it stands: behind the last thing it was told. */
  cursor = '';
  isAlive = true;

  constructor(readonly filter = eventFilter({})) {}

  begin(following: Following): void {
    this.following = following;
    this.cursor = following.cursor();
  }

  take(events: readonly FleetEvent[]): boolean {
    this.heard.push(...events);
    this.cursor = events.at(-1)?.cursor ?? this.cursor;
    this.room -= events.length;
    return this.room > 0;
  }

  goOn(room = Infinity): void {
    this.room = room;
    this.following?.goOn();
  }

  lost(reason: LossReason, cursor: string): void {
    this.losses.push(reason);
    this.cursor = cursor;
  }

  upToDate(): void {
    this.upToDates += 1;
  }

  tick(): boolean {
    return this.isAlive;
  }

  end(reason: string): void {
    this.ended = reason;
    this.following?.close();
  }

  get ids(): readonly string[] {
    return this.heard.map(({ envelope }) => envelope['event_id'] as string);
  }
}

export function hubOf(source: EventSource, slots = new StreamSlots(1000)) {
  const metrics = new Registry();
  return { hub: new FleetHub(source, createLog('silent'), slots, new EventMetrics(metrics)), metrics };
}

/** A cursor that is one. */
export function sound(text: string): Cursor {
  const cursor = decodeCursor(text);
  if (cursor === null) throw new Error(`${text} is no cursor`);
  return cursor;
}
