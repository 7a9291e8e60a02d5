import {
  dueDeadlines,
  fleetSilence,
  type Due,
  type DueDeadline,
  type FleetSilence,
  type Queryable,
} from './due-deadlines.js';
import { markAnnounced, readGuard, writeGuard, type GuardChange, type GuardRow } from './expiry-guard.js';
import { lookAhead, type Look, type LookAhead } from './look-ahead.js';

/** What the guard against mass expiry needs: the fleet's silence, and its own row. */
export type GuardStore = {
  /** See `fleetSilence` in due-deadlines.ts. */
  silence(asked: { readonly remainingShare: number; readonly recentMs: number }): Promise<FleetSilence>;
  readGuard(): Promise<GuardRow>;
  /** Stores a change before it is announced. */
  writeGuard(change: GuardChange): Promise<void>;
  /** The announcement is in the log. */
  markAnnounced(): Promise<void>;
};

/**
 * What the leading scanner works on. In PostgreSQL it is the connection that holds the leader's lock; the simulator has its own.
 * Every verb rejects once the lead is lost.
 */
export type DeadlineStore = GuardStore & {
  /** See `lookAhead` in look-ahead.ts. */
  lookAhead(asked: LookAhead): Promise<Look>;
  /** See `dueDeadlines` in due-deadlines.ts. */
  due(asked: Due): Promise<readonly DueDeadline[]>;
};

/** The verbs on a connection, or on a pool. */
export function deadlineStore(database: Queryable): DeadlineStore {
  return {
    lookAhead: (asked) => lookAhead(database, asked),
    due: (asked) => dueDeadlines(database, asked),
    silence: (asked) => fleetSilence(database, asked),
    readGuard: () => readGuard(database),
    writeGuard: (change) => writeGuard(database, change),
    markAnnounced: () => markAnnounced(database),
  };
}
