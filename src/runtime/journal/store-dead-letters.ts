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
};

/**
 * Stores dead letters in one statement; those that are known already stay as they are. Gives how many were new. Throws
 * {@link UnstorableData} when the data itself is refused; any other error means: try again later.
 */
export async function storeDeadLetters(
  database: { readonly pool: Pick<Pool, 'query'> },
  letters: readonly StoredDeadLetter[],
): Promise<number> {
  try {
    // As arrays, not as one JSON text: its reader would take the escapes within the headers for text.
    const { rowCount } = await database.pool.query(
      STORE,
      COLUMNS.map((column) => letters.map(column)),
    );
    return rowCount ?? 0;
  } catch (error) {
    if (isUnstorable(error)) throw new UnstorableData('PostgreSQL refuses a dead letter', { cause: error });
    throw error;
  }
}

const STORE = `
  insert into dead_letters
    (id, node_id, original_topic, original_partition, original_offset, original_key, original_key_encoding,
     original_headers, original_value, value_truncated, value_sha256, cause, reason, occurred_at)
  select id, node_id, topic, partition, "offset", key, key_encoding, headers::json, value, truncated, sha256, cause, reason,
    occurred_at
  from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::boolean[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])
    as l(id, node_id, topic, partition, "offset", key, key_encoding, headers, value, truncated, sha256, cause, reason,
      occurred_at)
  on conflict (id) do nothing`;

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
];
