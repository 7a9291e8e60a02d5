import type { Pool } from 'pg';
import type { TopicNames } from '../../messages/index.js';
import type { OutgoingRecord } from '../lanes/lane.js';

/** A statement carries about so much at most, or one record that is longer. Bytes. */
const MAX_STATEMENT_BYTES = 8 * 1024 * 1024;

/**
 * Appends at the end of the log, in order; returns the last position, null when there was nothing to append. One statement
 * and transaction for each 8 MiB.
 *
 * Appending locks the row that holds the log's end until the transaction is over. So positions have no gaps, become visible
 * in their order (a reader who is at 7 has missed nothing below it), and append times never go backwards with them.
 */
export async function appendRecords(
  pool: Pool,
  names: TopicNames,
  records: readonly OutgoingRecord[],
): Promise<bigint | null> {
  let last: bigint | null = null;
  for (const batch of inStatements(records)) {
    const { rows } = await pool.query<{ position: string }>(APPEND, parametersOf(names, batch));
    last = BigInt(rows[0]?.position ?? 0);
  }
  return last;
}

const APPEND = `
  with added as (
    select a.*, o.ordinality
    from unnest($1::text[], $2::integer[], $3::integer[], $4::integer[], $5::integer[])
      with ordinality as o(topic, starts, key_length, value_length, headers_length, ordinality)
    cross join lateral (
      select o.topic,
        case when o.key_length >= 0 then substring($6::bytea from o.starts for o.key_length) end as key,
        case when o.value_length >= 0
          then substring($6::bytea from o.starts + greatest(o.key_length, 0) for o.value_length) end as value,
        convert_from(
          substring($6::bytea from o.starts + greatest(o.key_length, 0) + greatest(o.value_length, 0)
            for o.headers_length),
          'UTF8')::json as headers
    ) a
  ), log_end as (
    update bus_end set
      position = position + $7,
      appended_at = greatest(appended_at, date_trunc('milliseconds', clock_timestamp()))
    returning position, appended_at
  ), appended as (
    insert into bus_records (position, topic, key, value, headers, appended_at)
    select e.position - $7 + a.ordinality, a.topic, a.key, a.value, a.headers, e.appended_at
    from added a cross join log_end e
  )
  select position::text from log_end`;

/** All bytes go over in one parameter, which `pg` sends as they are: arrays of text or bytea would be escaped one by one. */
function parametersOf(names: TopicNames, records: readonly OutgoingRecord[]): unknown[] {
  const topics: string[] = [];
  const starts: number[] = [];
  const keys: number[] = [];
  const values: number[] = [];
  const headers: number[] = [];
  const parts: Buffer[] = [];
  let start = 1; // as substring() counts
  for (const record of records) {
    const key = record.key === null ? null : Buffer.from(record.key);
    const value = record.value === null ? null : Buffer.from(record.value);
    const header = Buffer.from(JSON.stringify(record.headers));
    topics.push(names.full(record.topic));
    starts.push(start);
    keys.push(key?.length ?? -1);
    values.push(value?.length ?? -1);
    headers.push(header.length);
    parts.push(...(key === null ? [] : [key]), ...(value === null ? [] : [value]), header);
    start += (key?.length ?? 0) + (value?.length ?? 0) + header.length;
  }
  return [topics, starts, keys, values, headers, Buffer.concat(parts), records.length];
}

function* inStatements(records: readonly OutgoingRecord[]): Generator<readonly OutgoingRecord[]> {
  let batch: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.value === null ? 0 : Buffer.byteLength(record.value);
    if (batch.length > 0 && bytes + size > MAX_STATEMENT_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
