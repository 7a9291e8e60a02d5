import type { Queryable } from './due-deadlines.js';

/** The one row of expiry_guard: what the leading scanner decided last, and what an operator allowed. Times are RFC 3339. */
export type GuardRow = {
  /** Since when expiry is held back; null while it is not. */
  readonly heldSince: string | null;
  /** Nodes that would have expired, and those that owed heartbeats, when it was decided. */
  readonly expiring: number;
  readonly live: number;
  /** An operator lets everything expire: still in force. */
  readonly released: boolean;
  /** Encoded message that tells of the last change and is not known to be published. */
  readonly announcement: string | null;
};

/** What a scanner decides. */
export type GuardChange = Pick<GuardRow, 'heldSince' | 'expiring' | 'live' | 'announcement'>;

type Row = {
  held_since: Date | null;
  expiring: number;
  live: number;
  released: boolean;
  announcement: string | null;
};

export async function readGuard(database: Queryable): Promise<GuardRow> {
  const { rows } = await database.query<Row>(
    `select held_since, expiring, live, coalesce(released_until > clock_timestamp(), false) as released,
       announcement::text
     from expiry_guard`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('expiry_guard has lost its row: insert into expiry_guard default values');
  const { held_since: heldSince, ...others } = row;
  return { ...others, heldSince: heldSince?.toISOString() ?? null };
}

/** Stores a change before it is announced. */
export async function writeGuard(database: Queryable, guard: GuardChange): Promise<void> {
  await database.query('update expiry_guard set held_since = $1, expiring = $2, live = $3, announcement = $4', [
    guard.heldSince,
    guard.expiring,
    guard.live,
    guard.announcement,
  ]);
}

/** The announcement is in the log. */
export async function markAnnounced(database: Queryable): Promise<void> {
  await database.query('update expiry_guard set announcement = null');
}
