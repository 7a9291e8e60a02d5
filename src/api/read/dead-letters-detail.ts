import type { Database } from '../../runtime/index.js';
import { DEAD_LETTER_COLUMNS, deadLetterOf, type DeadLetter, type DeadLetterRow } from './dead-letters.js';
import { ROOT_OF } from './dead-letters-filter.js';
import { rowsOf } from './query.js';

/** One time that a dead letter was sent again. */
export type Redrive = {
  readonly redrivenAt: string;
  /** By its id, or as one of those that a filter found. */
  readonly how: 'id' | 'filter';
  /** Null where it was sent again by a release that did not note it. */
  readonly requestId: string | null;
  /** Address that the request came from. */
  readonly requestedFrom: string | null;
  /** Although it was in quarantine. */
  readonly forced: boolean;
};

/** A later letter of the same line. */
export type Successor = Pick<DeadLetter, 'id' | 'attempt' | 'occurredAt' | 'quarantined'> & {
  readonly redriveOf: string | null;
};

/** One dead letter, with everything of its original that was kept. */
export type DeadLetterDetail = Omit<DeadLetter, 'redrives'> & {
  readonly originalKey: string | null;
  /** How `originalKey` is written. */
  readonly originalKeyEncoding: 'utf8' | 'base64';
  readonly originalHeaders: Readonly<Record<string, string | string[]>>;
  /** Base64; null for a tombstone. */
  readonly originalValue: string | null;
  /** Of the whole value, also where it was cut. */
  readonly valueSha256: string | null;
  /** Event id of the original, where it could be read. */
  readonly originalEventId: string | null;
  /** The letter whose redrive failed so. */
  readonly redriveOf: string | null;
  readonly quarantinedAt: string | null;
  /** Whether a letter of its line is in quarantine: then none of them is sent again unless it is forced. */
  readonly lineQuarantined: boolean;
  /** The last 1000, oldest first. */
  readonly redrives: readonly Redrive[];
  /** The first 100, in their order. */
  readonly successors: readonly Successor[];
};

type RedriveRow = {
  readonly at: string;
  readonly how: 'id' | 'filter';
  readonly request_id: string | null;
  readonly requested_from: string | null;
  readonly forced: boolean;
};

type SuccessorRow = {
  readonly id: string;
  readonly attempt: number;
  readonly at: string;
  readonly quarantined: boolean;
  readonly redrive_of: string | null;
};

type DetailRow = DeadLetterRow & {
  readonly original_key: string | null;
  readonly original_key_encoding: 'utf8' | 'base64';
  readonly original_headers: Readonly<Record<string, string | string[]>>;
  readonly original_value: string | null;
  readonly value_sha256: string | null;
  readonly original_event_id: string | null;
  readonly redrive_of: string | null;
  readonly line_quarantined: boolean;
  readonly redrives: readonly RedriveRow[];
  readonly successors: readonly SuccessorRow[];
};

/** Null for an unknown one. */
export async function deadLetterById(database: Database, id: string): Promise<DeadLetterDetail | null> {
  const [row] = await rowsOf<DetailRow>(database, { name: 'dead-letter-by-id', text: BY_ID, values: [id] });
  return row === undefined ? null : detailOf(row);
}

const BY_ID = `
  select ${DEAD_LETTER_COLUMNS}, d.original_key, d.original_key_encoding, d.original_headers, d.original_value,
    d.value_sha256, d.original_event_id, d.redrive_of,
    exists (select from dead_letters f where ${ROOT_OF('f')} = ${ROOT_OF('d')} and f.quarantined_at is not null)
      as line_quarantined,
    (select coalesce(json_agg(r order by r.id), '[]') from (
      select id, redriven_at as at, how, request_id, requested_from, forced
      from dead_letter_redrives where dead_letter_id = d.id order by id desc limit 1000
    ) r) as redrives,
    (select coalesce(json_agg(s order by s.attempt, s.id), '[]') from (
      select f.id, f.attempt, f.occurred_at as at, f.quarantined_at is not null as quarantined, f.redrive_of
      from dead_letters f
      where ${ROOT_OF('f')} = ${ROOT_OF('d')} and f.attempt > d.attempt order by f.attempt, f.id limit 100
    ) s) as successors
  from dead_letters d where d.id = $1`;

function detailOf(row: DetailRow): DeadLetterDetail {
  return {
    ...deadLetterOf(row),
    originalKey: row.original_key,
    originalKeyEncoding: row.original_key_encoding,
    originalHeaders: row.original_headers,
    originalValue: row.original_value,
    valueSha256: row.value_sha256,
    originalEventId: row.original_event_id,
    redriveOf: row.redrive_of,
    quarantinedAt: row.quarantined_at?.toISOString() ?? null,
    lineQuarantined: row.line_quarantined,
    redrives: row.redrives.map(({ at, how, request_id: requestId, requested_from: requestedFrom, forced }) => ({
      redrivenAt: new Date(at).toISOString(),
      how,
      requestId,
      requestedFrom,
      forced,
    })),
    successors: row.successors.map(({ id, attempt, at, quarantined, redrive_of: redriveOf }) => ({
      id,
      attempt,
      occurredAt: new Date(at).toISOString(),
      quarantined,
      redriveOf,
    })),
  };
}
