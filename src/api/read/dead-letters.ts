import type { DeadLetterCause } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import type { Page } from './node.js';
import { rowsOf } from './query.js';

/** A message that could not be handled, as lists show it. Times are RFC 3339, UTC. */
export type DeadLetter = {
  readonly id: string;
  /** Full name of the topic that the message came by. */
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: string;
  readonly cause: DeadLetterCause;
  readonly reason: string;
  /** The message's key, where that is a node id. */
  readonly nodeId: string | null;
  /** It was too long to be kept whole, and cannot be sent again. */
  readonly valueTruncated: boolean;
  /** When the message was appended to its topic. */
  readonly occurredAt: string;
  /** How often it was sent again. */
  readonly redrives: number;
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
  /** The last 1000, oldest first. */
  readonly redrives: readonly { readonly redrivenAt: string }[];
};

export type DeadLetterFilter = {
  readonly cause?: DeadLetterCause | undefined;
  readonly originalTopic?: string | undefined;
  readonly nodeId?: string | undefined;
};

type Row = {
  readonly id: string;
  readonly node_id: string | null;
  readonly original_topic: string;
  readonly original_partition: number;
  readonly original_offset: string;
  readonly cause: DeadLetterCause;
  readonly reason: string;
  readonly value_truncated: boolean;
  readonly occurred_at: Date;
};

const COLUMNS = `id, node_id, original_topic, original_partition, original_offset, cause, reason, value_truncated, occurred_at`;

/**
 * Dead letters, the newest first, behind `after` (`{epoch milliseconds}.{id}`). Their place is that of their time, so those that
 * come meanwhile neither double nor hide another one.
 */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<DeadLetter, string>> {
  const { conditions, values } = conditionsOf(filter, after);
  const rows = await rowsOf<Row & { readonly redrives: number }>(database, {
    text: `
      select ${COLUMNS},
        (select count(*)::int from dead_letter_redrives r where r.dead_letter_id = d.id) as redrives
      from dead_letters d where ${conditions}
      order by occurred_at desc, id limit $${values.length + 1}`,
    values: [...values, limit + 1],
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({ ...itemOf(row), redrives: row.redrives })),
    next: rows.length > limit && last !== undefined ? `${last.occurred_at.getTime()}.${last.id}` : null,
  };
}

function conditionsOf({ cause, originalTopic, nodeId }: DeadLetterFilter, after: string | null) {
  const values: unknown[] = [];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = ['true'];
  if (after !== null) {
    const [time, id] = after.split('.');
    const at = `${value(new Date(Number(time)).toISOString())}::timestamptz`;
    conditions.push(`occurred_at <= ${at} and (occurred_at < ${at} or id > ${value(id)}::uuid)`);
  }
  if (cause !== undefined) conditions.push(`cause = ${value(cause)}`);
  if (originalTopic !== undefined) conditions.push(`original_topic = ${value(originalTopic)}`);
  if (nodeId !== undefined) conditions.push(`node_id = ${value(nodeId)}`);
  return { conditions: conditions.join(' and '), values };
}

type DetailRow = Row & {
  readonly original_key: string | null;
  readonly original_key_encoding: 'utf8' | 'base64';
  readonly original_headers: Readonly<Record<string, string | string[]>>;
  readonly original_value: string | null;
  readonly value_sha256: string | null;
  readonly redriven_at: readonly Date[];
};

/** Null for an unknown one. */
export async function deadLetterById(database: Database, id: string): Promise<DeadLetterDetail | null> {
  const [row] = await rowsOf<DetailRow>(database, { name: 'dead-letter-by-id', text: BY_ID, values: [id] });
  return row === undefined ? null : detailOf(row);
}

const BY_ID = `
  select ${COLUMNS}, original_key, original_key_encoding, original_headers, original_value, value_sha256,
    array(select redriven_at from (
      select id, redriven_at from dead_letter_redrives where dead_letter_id = $1 order by id desc limit 1000
    ) as latest order by id) as redriven_at
  from dead_letters where id = $1`;

/** Notes that a dead letter was sent again. */
export async function recordRedrive(database: Database, id: string): Promise<void> {
  await rowsOf(database, {
    name: 'record-redrive',
    text: 'insert into dead_letter_redrives (dead_letter_id) select id from dead_letters where id = $1',
    values: [id],
  });
}

function itemOf(row: Row): Omit<DeadLetter, 'redrives'> {
  return {
    id: row.id,
    originalTopic: row.original_topic,
    originalPartition: row.original_partition,
    originalOffset: row.original_offset,
    cause: row.cause,
    reason: row.reason,
    nodeId: row.node_id,
    valueTruncated: row.value_truncated,
    occurredAt: row.occurred_at.toISOString(),
  };
}

function detailOf(row: DetailRow): DeadLetterDetail {
  return {
    ...itemOf(row),
    originalKey: row.original_key,
    originalKeyEncoding: row.original_key_encoding,
    originalHeaders: row.original_headers,
    originalValue: row.original_value,
    valueSha256: row.value_sha256,
    redrives: row.redriven_at.map((at) => ({ redrivenAt: at.toISOString() })),
  };
}
