import type { Pool } from 'pg';
import { isUnstorable, UnstorableData } from './journal.js';

/** A row of dead_letters. Times are RFC 3339; no text has a character that PostgreSQL cannot hold. */
export type StoredDeadLetter = {
  readonly id: string;
  readonly nodeId: string | null;
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: string;
  readonly originalKey: string | null;
  readonly originalKeyEncoding: 'utf8' | 'base64';
  /** JSON text; may have escapes that are no text to PostgreSQL, which keeps it as it is. */
  readonly originalHeaders: string;
  /** Base64. */
  readonly originalValue: string | null;
  readonly valueTruncated: boolean;
  readonly valueSha256: string | null;
  readonly cause: string;
  readonly reason: string;
  readonly occurredAt: string;
  /** The dead letter that it says to be a redrive of; anybody can write that, so it counts only where it can be true. */
  readonly redriveOf: string | null;
  /** Event id of the original, where it could be read. */
  readonly originalEventId: string | null;
};

/** Failed redrives of one root after which the newest letter goes to quarantine. */
export const QUARANTINE_AFTER_FAILED_REDRIVES = 3;

/**
 * Stores dead letters in one statement; those that are known already stay as they are. Gives how many were new. An ancestor has
 * to be stored before, not among the same `letters`, and no letter may be there twice. Throws {@link UnstorableData} when the
 * data itself is refused; any other error means: try again later.
 */
export async function storeDeadLetters(
  database: { readonly pool: Pick<Pool, 'query'> },
  letters: readonly StoredDeadLetter[],
  quarantineAfter = QUARANTINE_AFTER_FAILED_REDRIVES,
): Promise<number> {
  try {
    // As arrays, not as one JSON text: its reader would take the escapes within the headers for text.
    const { rows } = await database.pool.query<{ readonly stored: number }>(STORE, [
      ...COLUMNS.map((column) => letters.map(column)),
      quarantineAfter,
    ]);
    return rows[0]?.stored ?? 0;
  } catch (error) {
    if (isUnstorable(error)) throw new UnstorableData('PostgreSQL refuses a dead letter', { cause: error });
    throw error;
  }
}

/**
 * `placed`: an ancestor counts only where it had the same topic, key and value; whoever copies a header onto another message, or
 * makes one up, begins a line of his own. The quarantine of a line is its newest letter's.
 */
const STORE = `
  with letters as (
    select *
    from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::boolean[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::uuid[], $16::uuid[])
      with ordinality as l(id, node_id, topic, partition, "offset", key, key_encoding, headers, value, truncated, sha256,
        cause, reason, occurred_at, redrive_of, event_id, n)
  ), fresh as (
    select l.*, p.id as parent_id, coalesce(p.root_id, p.id) as root_id
    from letters l
    left join dead_letters p on p.id = l.redrive_of and p.original_topic = l.topic
      and p.original_key is not distinct from l.key and p.original_key_encoding = l.key_encoding
      and p.value_sha256 is not distinct from l.sha256
    where not exists (select from dead_letters known where known.id = l.id)
  ), placed as (
    select f.*, case when root_id is null then 1 else
      (select max(d.attempt) from dead_letters d where coalesce(d.root_id, d.id) = f.root_id)
        + row_number() over (partition by f.root_id order by f.n) end::integer as attempt
    from fresh f
  ), stored as (
    insert into dead_letters
      (id, node_id, original_topic, original_partition, original_offset, original_key, original_key_encoding,
       original_headers, original_value, value_truncated, value_sha256, cause, reason, occurred_at, original_event_id,
       redrive_of, root_id, attempt, quarantined_at)
    select id, node_id, topic, partition, "offset", key, key_encoding, headers::json, value, truncated, sha256, cause,
      reason, occurred_at, event_id, parent_id, root_id, attempt,
      case when attempt > $17::integer then clock_timestamp() end
    from placed
    on conflict (id) do nothing
    returning root_id, quarantined_at
  ), moved as (
    update dead_letters d set quarantined_at = null
    where d.quarantined_at is not null
      and coalesce(d.root_id, d.id) in (select root_id from stored where quarantined_at is not null)
  )
  select count(*)::integer as stored from stored`;

const COLUMNS: readonly ((letter: StoredDeadLetter) => string | number | boolean | null)[] = [
  (letter) => letter.id,
  (letter) => letter.nodeId,
  (letter) => letter.originalTopic,
  (letter) => letter.originalPartition,
  (letter) => letter.originalOffset,
  (letter) => letter.originalKey,
  (letter) => letter.originalKeyEncoding,
  (letter) => letter.originalHeaders,
  (letter) => letter.originalValue,
  (letter) => letter.valueTruncated,
  (letter) => letter.valueSha256,
  (letter) => letter.cause,
  (letter) => letter.reason,
  (letter) => letter.occurredAt,
  (letter) => letter.redriveOf,
  (letter) => letter.originalEventId,
];
