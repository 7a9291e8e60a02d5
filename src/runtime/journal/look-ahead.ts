import type { DeadlineKind } from '../lanes/step.js';
import type { Queryable } from './due-deadlines.js';

export type LookAhead = {
  readonly kinds: readonly DeadlineKind[];
  /** Deadlines that pass within so many milliseconds… */
  readonly aheadMs: number;
  /** … and those whose remaining time is then at most this share (0-1) of what they were armed for. */
  readonly remainingShare: number;
  /** Nodes that expired within so many milliseconds are counted; null: none are. */
  readonly recentMs: number | null;
};

/** A deadline that has passed, or soon will. `at`: epoch milliseconds, by the database's clock. */
export type Upcoming = { readonly nodeId: string; readonly at: number; readonly afterMs: number };

export type Look = {
  /** The database's clock when it had looked, epoch milliseconds. */
  readonly clock: number;
  /** Nodes with a deadline of the kinds, whenever it is, begun or not. */
  readonly armed: number;
  /** The shortest time that any of them was armed for; null without any. */
  readonly shortestMs: number | null;
  /** Nodes that expired within `recentMs`. */
  readonly expired: number;
  /** Overdue ones included; in no order. */
  readonly upcoming: readonly Upcoming[];
};

type Row = {
  clock: number;
  armed: number;
  shortest: number | null;
  expired: number;
  upcoming: string | null;
};

/** Reads every deadline of the kinds, and gives those that matter soon. No index knows when a deadline is due: see decision 008. */
export async function lookAhead(
  database: Queryable,
  { kinds, aheadMs, remainingShare, recentMs }: LookAhead,
): Promise<Look> {
  const { rows } = await database.query<Row>(LOOK, [kinds, aheadMs, remainingShare, recentMs]);
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate gave no row');
  const { clock, armed, shortest, expired, upcoming } = row;
  return { clock, armed, shortestMs: shortest, expired, upcoming: await upcomingIn(upcoming ?? '') };
}

/** A row for each would be made into an object twice; a node id has neither blanks nor commas. */
const LOOK = `
  select count(*)::int as armed, min(deadline_after_ms) as shortest,
    string_agg(node_id || ' ' || (extract(epoch from deadline_at) * 1000)::bigint || ' ' || deadline_after_ms, ',')
      filter (where deadline_at <=
        clock_timestamp() + ($2::float8 + $3::float8 * deadline_after_ms) * interval '1 millisecond') as upcoming,
    case when $4::float8 is null then 0 else (
      select count(*)::int from machine_states
      where machine = 'orchestrator' and status = 'liveness_expired'
        and updated_at > clock_timestamp() - $4::float8 * interval '1 millisecond'
    ) end as expired,
    (extract(epoch from clock_timestamp()) * 1000)::float8 as clock
  from machine_states
  where machine = 'orchestrator' and deadline_kind = any($1::text[])`;

/** Half a fleet may be in it: so many are read at a time, between which others have their turn. */
const SLICE = 5000;

async function upcomingIn(text: string): Promise<readonly Upcoming[]> {
  const upcoming: Upcoming[] = [];
  if (text === '') return upcoming;
  for (const entry of text.split(',')) {
    const [nodeId = '', at, afterMs] = entry.split(' ');
    upcoming.push({ nodeId, at: Number(at), afterMs: Number(afterMs) });
    if (upcoming.length % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return upcoming;
}
