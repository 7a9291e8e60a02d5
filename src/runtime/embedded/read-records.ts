import type { Pool } from 'pg';
import type { TopicNames } from '../../messages/index.js';
import type { LogRecord } from '../lanes/lane.js';

/** Most records that are handed on together. */
export const MAX_BATCH = 500;
/** Their values have together at most so many bytes, unless there is only one. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

type Row = {
  topic: string;
  position: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string>;
  appended_at: number;
};

/** The next records of a group, in the order of the log; none while `owner` does not hold the group's lease. */
export async function readForGroup(
  pool: Pool,
  names: TopicNames,
  {
    group,
    topics,
    owner,
  }: { readonly group: string; readonly topics: readonly string[]; readonly owner: string | null },
): Promise<readonly LogRecord[]> {
  const { rows } = await pool.query<Row>(READ_FOR_GROUP, [group, topics, MAX_BATCH, MAX_BATCH_BYTES, owner]);
  return rows.map((row) => recordOf(names, row));
}

/** Records of the topics behind a position, in the order of the log. */
export async function readAfter(
  pool: Pool,
  names: TopicNames,
  topics: readonly string[],
  position: bigint,
): Promise<readonly LogRecord[]> {
  const { rows } = await pool.query<Row>(READ_AFTER, [String(position), topics, MAX_BATCH, MAX_BATCH_BYTES]);
  return rows.map((row) => recordOf(names, row));
}

/** Each topic by its index, in order, so that a backlog of any length costs the same. */
const nextOf = (starts: string): string => `
  with starts as (${starts}),
  next as (
    select r.position, octet_length(r.value) as bytes
    from starts s
    cross join lateral (
      select position, value from bus_records
      where topic = s.topic and position > s.position
      order by position limit $3
    ) r
    order by r.position limit $3
  ), counted as (
    select position, sum(bytes) over (order by position) - bytes as bytes_before from next
  )
  select r.topic, r.position::text, r.key, r.value, r.headers,
    (extract(epoch from r.appended_at) * 1000)::float8 as appended_at
  from counted c join bus_records r using (position)
  where coalesce(c.bytes_before, 0) < $4
  order by r.position`;

const READ_FOR_GROUP = nextOf(`
  select o.topic, o.committed as position
  from bus_offsets o
  where o.group_name = $1 and o.topic = any($2::text[]) and ($5::uuid is null or exists (
    select from bus_groups g where g.name = $1 and g.owner = $5 and g.leased_until > clock_timestamp()))`);

const READ_AFTER = nextOf(`select topic, $1::bigint as position from unnest($2::text[]) as topic`);

function recordOf(
  names: TopicNames,
  { topic, position, key, value, headers, appended_at: appendedAt }: Row,
): LogRecord {
  return {
    topic: names.suffix(topic),
    topicName: topic,
    partition: 0,
    offset: position,
    key,
    value,
    headers,
    appendedAt,
  };
}
