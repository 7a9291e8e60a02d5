import type { Database } from '../../runtime/index.js';
import type { DeadLetterDetail, Redrive } from './dead-letters-detail.js';
import { conditionsOf, ROOT_OF, type DeadLetterFilter } from './dead-letters-filter.js';
import { rowsOf } from './query.js';

/** What decides whether a letter that a filter found is sent again. */
export type Candidate = {
  readonly id: string;
  readonly originalTopic: string;
  readonly valueTruncated: boolean;
  /** Characters of the value in base64; null for a tombstone. */
  readonly valueLength: number | null;
  /** A letter of its line is. */
  readonly lineQuarantined: boolean;
  /** There is a later letter of the same line, which stands for it. */
  readonly superseded: boolean;
};

/** The oldest letters that a filter finds, at most `limit`: so what was sent in an order is sent again in that order. */
export async function redriveCandidates(
  database: Database,
  filter: DeadLetterFilter,
  limit: number,
): Promise<readonly Candidate[]> {
  const { conditions, values, value } = conditionsOf(filter);
  type Row = {
    readonly id: string;
    readonly original_topic: string;
    readonly value_truncated: boolean;
    readonly value_length: number | null;
    readonly line_quarantined: boolean;
    readonly superseded: boolean;
  };
  const rows = await rowsOf<Row>(database, {
    text: `
      with found as materialized (
        select d.id, ${ROOT_OF('d')} as root_id, d.attempt, d.occurred_at, d.original_topic, d.value_truncated,
          octet_length(d.original_value) as value_length
        from dead_letters d where ${conditions.join(' and ')}
        order by d.occurred_at, d.id limit ${value(limit)}
      )
      select id, original_topic, value_truncated, value_length,
        exists (select from dead_letters f where ${ROOT_OF('f')} = found.root_id and f.quarantined_at is not null)
          as line_quarantined,
        exists (select from dead_letters f where ${ROOT_OF('f')} = found.root_id and f.attempt > found.attempt) as superseded
      from found order by occurred_at, id`,
    values,
  });
  return rows.map((row) => ({
    id: row.id,
    originalTopic: row.original_topic,
    valueTruncated: row.value_truncated,
    valueLength: row.value_length,
    lineQuarantined: row.line_quarantined,
    superseded: row.superseded,
  }));
}

/** What has to be known of a letter to send its original again. */
export type Original = Pick<
  DeadLetterDetail,
  | 'id'
  | 'originalTopic'
  | 'originalKey'
  | 'originalKeyEncoding'
  | 'originalHeaders'
  | 'originalValue'
  | 'valueTruncated'
>;

/** Those of the ids that are still there, in the order of the ids. */
export async function originalsByIds(database: Database, ids: readonly string[]): Promise<readonly Original[]> {
  type Row = {
    readonly id: string;
    readonly original_topic: string;
    readonly original_key: string | null;
    readonly original_key_encoding: 'utf8' | 'base64';
    readonly original_headers: Readonly<Record<string, string | string[]>>;
    readonly original_value: string | null;
    readonly value_truncated: boolean;
  };
  const rows = await rowsOf<Row>(database, {
    name: 'dead-letter-originals',
    text: `
      select d.id, original_topic, original_key, original_key_encoding, original_headers, original_value, value_truncated
      from unnest($1::uuid[]) with ordinality as wanted(id, n) join dead_letters d on d.id = wanted.id
      order by wanted.n`,
    values: [ids],
  });
  return rows.map((row) => ({
    id: row.id,
    originalTopic: row.original_topic,
    originalKey: row.original_key,
    originalKeyEncoding: row.original_key_encoding,
    originalHeaders: row.original_headers,
    originalValue: row.original_value,
    valueTruncated: row.value_truncated,
  }));
}

/** Notes that dead letters were sent again. */
export async function recordRedrives(
  database: Database,
  ids: readonly string[],
  { how, requestId, requestedFrom, forced }: Omit<Redrive, 'redrivenAt'>,
): Promise<void> {
  await rowsOf(database, {
    name: 'record-redrives',
    text: `
      insert into dead_letter_redrives (dead_letter_id, how, request_id, requested_from, forced)
      select d.id, $2::text, $3::uuid, $4::text, $5::boolean
      from unnest($1::uuid[]) with ordinality as sent(id, n) join dead_letters d on d.id = sent.id
      order by sent.n`,
    values: [ids, how, requestId, requestedFrom, forced],
  });
}

/** Takes the line of a letter out of quarantine. Gives the letters that were in it; null for an unknown letter. */
export async function releaseFromQuarantine(database: Database, id: string): Promise<readonly string[] | null> {
  const [row] = await rowsOf<{ readonly released: readonly string[] }>(database, {
    name: 'release-dead-letter',
    text: `
      with line as (
        select ${ROOT_OF('d')} as root_id from dead_letters d where d.id = $1
      ), released as (
        update dead_letters d set quarantined_at = null
        from line where ${ROOT_OF('d')} = line.root_id and d.quarantined_at is not null
        returning d.id
      )
      select array(select id from released order by id) as released from line`,
    values: [id],
  });
  return row?.released ?? null;
}

/** How many there are. */
export async function countDeadLetters(
  database: Database,
): Promise<{ readonly stored: number; readonly quarantined: number }> {
  const [row] = await rowsOf<{ readonly stored: number; readonly quarantined: number }>(database, {
    name: 'count-dead-letters',
    text: `
      select (select count(*)::int from dead_letters) as stored,
        (select count(*)::int from dead_letters where quarantined_at is not null) as quarantined`,
    values: [],
  });
  return { stored: row?.stored ?? 0, quarantined: row?.quarantined ?? 0 };
}
