import type { Pool } from 'pg';

/** Records looked at in one statement: on PGlite it blocks the process. */
const WINDOW = 1000;

/**
 * Deletes records that are older than `retentionMs` and that every group which reads their topic has committed; a group
 * that nobody has run for that long no longer counts. Returns how many. Never deletes the newest record.
 */
export async function deleteExpired(pool: Pool, retentionMs: number, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  for (let after: string | null = '0'; after !== null && !signal.aborted;) {
    const { rows }: { rows: { deleted: number; after: string | null }[] } = await pool.query(DELETE_WINDOW, [
      after,
      retentionMs,
      WINDOW,
    ]);
    deleted += rows[0]?.deleted ?? 0;
    after = rows[0]?.after ?? null;
  }
  return deleted;
}

/** Append times grow with the position: where the end of a window is too young, so is all behind it. */
const DELETE_WINDOW = `
  with cutoff as materialized (
    select clock_timestamp() - $2::float8 * interval '1 millisecond' as at
  ), oldest as materialized (
    select position, topic, appended_at from bus_records where position > $1::bigint order by position limit $3
  ), needed as materialized (
    select o.topic, min(o.committed) as committed
    from bus_offsets o join bus_groups g on g.name = o.group_name, cutoff
    where g.seen_at > cutoff.at
    group by o.topic
  ), gone as (
    delete from bus_records r
    using oldest o left join needed n on n.topic = o.topic, cutoff, bus_end e
    where r.position = o.position and o.appended_at < cutoff.at and o.position < e.position
      and o.position <= coalesce(n.committed, o.position)
    returning 1
  )
  select (select count(*)::integer from gone) as deleted, (
    select max(o.position)::text from oldest o, cutoff
    having count(*) = $3 and bool_and(o.appended_at < cutoff.at)
  ) as after`;
