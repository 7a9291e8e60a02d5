import type { Pool } from 'pg';

/** Records looked at in one statement: on PGlite it blocks the process. */
const WINDOW = 1000;

/**
 * Deletes records that are older than `retentionMs` and that every group which reads their topic has committed; a group
 * that nobody has run for that long no longer counts. Returns how many. Never deletes the newest record, nor any of the topics
 * `but` (full names).
 */
export async function deleteExpired(
  pool: Pool,
  retentionMs: number,
  but: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  return deleteInWindows(pool, DELETE_WINDOW, { retentionMs, topics: but }, signal);
}

/**
 * The same for topics of which the newest record of each key stays: deletes those that have a newer one, and tombstones, which have
 * told what they have to tell.
 */
export async function compact(
  pool: Pool,
  retentionMs: number,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  return deleteInWindows(pool, COMPACT_WINDOW, { retentionMs, topics }, signal);
}

type Deleted = { readonly deleted: number; readonly after: string | null };

async function deleteInWindows(
  pool: Pool,
  statement: string,
  { retentionMs, topics }: { readonly retentionMs: number; readonly topics: readonly string[] },
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (let after: string | null = '0'; after !== null && !signal.aborted;) {
    const { rows }: { rows: Deleted[] } = await pool.query(statement, [after, retentionMs, WINDOW, topics]);
    deleted += rows[0]?.deleted ?? 0;
    after = rows[0]?.after ?? null;
  }
  return deleted;
}

/** Append times grow with the position: where the end of a window is too young, so is all behind it. */
const windowOf = (which: string, obsolete: string): string => `
  with cutoff as materialized (
    select clock_timestamp() - $2::float8 * interval '1 millisecond' as at
  ), oldest as materialized (
    select position, topic, key, value is null as is_tombstone, appended_at from bus_records
    where position > $1::bigint and ${which} order by position limit $3
  ), needed as materialized (
    select o.topic, min(o.committed) as committed
    from bus_offsets o join bus_groups g on g.name = o.group_name, cutoff
    where g.seen_at > cutoff.at
    group by o.topic
  ), gone as (
    delete from bus_records r
    using oldest o left join needed n on n.topic = o.topic, cutoff, bus_end e
    where r.position = o.position and o.appended_at < cutoff.at and o.position < e.position
      and o.position <= coalesce(n.committed, o.position) and ${obsolete}
    returning 1
  )
  select (select count(*)::integer from gone) as deleted, (
    select max(o.position)::text from oldest o, cutoff
    having count(*) = $3 and bool_and(o.appended_at < cutoff.at)
  ) as after`;

const DELETE_WINDOW = windowOf('topic <> all($4::text[])', 'true');

/** With the words of the index `bus_records_of_key`. */
const COMPACT_WINDOW = windowOf(
  'topic = any($4::text[])',
  `(o.is_tombstone or exists (
     select from bus_records newer
     where newer.topic = o.topic and newer.topic like '%.snapshot.node-registrations.v1'
       and newer.key = o.key and newer.position > o.position))`,
);
