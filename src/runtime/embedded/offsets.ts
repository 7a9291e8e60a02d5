import type { Pool } from 'pg';
import type { LogRecord } from '../lanes/lane.js';

/** Makes a group known, with its topics; a new topic starts at the earliest record that there is. */
export async function registerGroup(pool: Pool, group: string, topics: readonly string[]): Promise<void> {
  await pool.query(
    `with known as (
       insert into bus_groups (name) values ($1)
       on conflict (name) do update set seen_at = clock_timestamp()
       returning name
     )
     insert into bus_offsets (group_name, topic, committed)
     select known.name, topic, 0 from known cross join unnest($2::text[]) as topic
     on conflict do nothing`,
    [group, topics],
  );
}

/**
 * Moves a group behind the records that its lane is done with, never back; also after the lease was lost, as done is done.
 * A commit that a crash swallows only means that the records come again, so nobody waits for the disk here.
 */
export async function commitOffsets(pool: Pool, group: string, records: readonly LogRecord[]): Promise<void> {
  const last = new Map(records.map(({ topicName, offset }) => [topicName, offset]));
  await pool.query(
    `with lazily as materialized (select set_config('synchronous_commit', 'off', true))
     update bus_offsets o set committed = greatest(o.committed, done.position)
     from lazily, unnest($2::text[], $3::bigint[]) as done(topic, position)
     where o.group_name = $1 and o.topic = done.topic`,
    [group, [...last.keys()], [...last.values()]],
  );
}

/** Position of the newest record, 0 in an empty log. */
export async function endOfLog(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ position: string }>('select position::text from bus_end');
  const end = rows[0];
  if (end === undefined) throw new Error('bus_end is empty: the tables of the embedded log were tampered with');
  return BigInt(end.position);
}

/** See Progress in transport.ts. A group that has read all of the topic has committed up to the log's end. */
export async function progressOf(
  pool: Pool,
  group: string,
  topic: string,
): Promise<{ end: bigint; committed: bigint }> {
  const { rows } = await pool.query<{ next: string; committed: string }>(
    `select (e.position + 1)::text as next, coalesce((
       select min(r.position) from bus_records r
       where r.topic = $2 and r.position > coalesce((
         select o.committed from bus_offsets o where o.group_name = $1 and o.topic = $2), 0)
     ), e.position + 1)::text as committed
     from bus_end e`,
    [group, topic],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('bus_end is empty: the tables of the embedded log were tampered with');
  return { end: BigInt(row.next), committed: BigInt(row.committed) };
}

export type Lag = { readonly group: string; readonly topic: string; readonly records: number };

/** Counting ends there. */
const MAX_LAG = 100_000;

/** Records that the groups have not committed. */
export async function lagsOf(pool: Pool, groups: readonly string[]): Promise<readonly Lag[]> {
  const { rows } = await pool.query<Lag>(
    `select o.group_name as group, o.topic, (
       select count(*)::integer from (
         select from bus_records r where r.topic = o.topic and r.position > o.committed limit ${MAX_LAG}
       ) behind
     ) as records
     from bus_offsets o
     where o.group_name = any($1::text[])`,
    [groups],
  );
  return rows;
}
