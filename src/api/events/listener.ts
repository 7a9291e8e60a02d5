import type { Cursor } from './cursor.js';
import type { EventFilter } from './filter.js';
import type { FleetEvent } from './fleet-event.js';

/** Why a listener does not hear everything that came after its cursor. */
export type LossReason =
  /** The log no longer keeps what came next. */
  | 'expired'
  /** The cursor is of another log, or of one that was cut off: what is in this one begins anew. */
  | 'other_log';

export const LOSSES = {
  expired: 'The log no longer keeps all that happened after this cursor: here follows what is left.',
  other_log: 'The cursor is of another log, or this one was made anew: here follows all that it holds.',
} as const satisfies Record<LossReason, string>;

/** Somebody who hears what happens to the fleet. Methods must not throw. */
export type Listener = {
  readonly protocol: 'sse' | 'graphql';
  readonly filter: EventFilter;
  /** Takes all of them, in their order. False: no more now, until it calls {@link Following.goOn}. */
  take(events: readonly FleetEvent[]): boolean;
  /** Some were lost; what is heard from now on comes after this cursor. */
  lost(reason: LossReason, cursor: string): void;
  /** It has heard all that there is. */
  upToDate(): void;
  /** From time to time, with the place that it has come to. False: let it go, it has stopped to read. */
  tick(now: number, cursor: () => string): boolean;
  /** Nothing more comes: the server stops, or lets it go. */
  end(reason: 'stopping' | 'stalled', cursor: string): void;
};

/** What a listener has in hand. */
export type Following = {
  /** It can take events again. */
  goOn(): void;
  /** The place that it has come to. */
  cursor(): string;
  close(): void;
};

/** Where to begin: with what happens from now on, with all that the log holds, or behind a cursor. */
export type Start = 'now' | 'earliest' | Cursor;
