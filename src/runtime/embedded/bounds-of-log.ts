import type { Pool } from 'pg';

/**
 * The first position from which on every record is still there, and the one that the next record gets. Retention deletes what is old
 * enough, but for what a group has not read: so below the first record that is too young to be deleted, some may be left and others not.
 */
export async function boundsOfLog(
  pool: Pool,
  retentionMs: number,
): Promise<{ readonly first: number; readonly next: number }> {
  const { rows } = await pool.query<{ first: string; next: string }>(BOUNDS, [retentionMs]);
  const row = rows[0];
  if (row === undefined) throw new Error('bus_end is empty: the tables of the embedded log were tampered with');
  return { first: Number(row.first), next: Number(row.next) };
}

/** Positions have no gaps but for those that retention makes: old records count from the last gap on. They are few: it has just been there. */
const BOUNDS = `
  with log_end as (
    select position + 1 as next from bus_end
  ), young as (
    select coalesce((
      select r.position from bus_records r
      where r.appended_at >= clock_timestamp() - $1::float8 * interval '1 millisecond'
      order by r.position limit 1
    ), (select next from log_end)) as position
  )
  select e.next::text as next, coalesce((
    select max(r.position) from bus_records r
    where r.position < y.position
      and not exists (select from bus_records before where before.position = r.position - 1)
      and exists (select from bus_records last where last.position = y.position - 1)
  ), y.position)::text as first
  from log_end e, young y`;
