import type { DeadLetterCause } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import { conditionsOf, ROOT_OF, type DeadLetterFilter } from './dead-letters-filter.js';
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
  /** The first letter of its line: itself, unless it is the failure of a redrive. */
  readonly rootId: string;
  /** 1 at first, and one more for each redrive of the same root that failed. */
  readonly attempt: number;
  readonly quarantined: boolean;
  /** How often it was sent again. */
  readonly redrives: number;
};

export type DeadLetterRow = {
  readonly id: string;
  readonly node_id: string | null;
  readonly original_topic: string;
  readonly original_partition: number;
  readonly original_offset: string;
  readonly cause: DeadLetterCause;
  readonly reason: string;
  readonly value_truncated: boolean;
  readonly occurred_at: Date;
  readonly root_id: string;
  readonly attempt: number;
  readonly quarantined_at: Date | null;
};

/** Of `dead_letters d`. */
export const DEAD_LETTER_COLUMNS = `d.id, d.node_id, d.original_topic, d.original_partition, d.original_offset, d.cause, d.reason,
  d.value_truncated, d.occurred_at, ${ROOT_OF('d')} as root_id, d.attempt, d.quarantined_at`;

/**
 * Dead letters, the newest first, behind `after` (`{epoch milliseconds}.{id}`). Their place is that of their time, so those that
 * come meanwhile neither double nor hide another one.
 */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<DeadLetter, string>> {
  const { conditions, values, value } = conditionsOf(filter);
  if (after !== null) {
    const [time, id] = after.split('.');
    const at = `${value(new Date(Number(time)).toISOString())}::timestamptz`;
    conditions.push(`d.occurred_at <= ${at} and (d.occurred_at < ${at} or d.id > ${value(id)}::uuid)`);
  }
  const rows = await rowsOf<DeadLetterRow & { readonly redrives: number }>(database, {
    text: `
      select ${DEAD_LETTER_COLUMNS},
        (select count(*)::int from dead_letter_redrives r where r.dead_letter_id = d.id) as redrives
      from dead_letters d where ${conditions.join(' and ')}
      order by d.occurred_at desc, d.id limit ${value(limit + 1)}`,
    values,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({ ...deadLetterOf(row), redrives: row.redrives })),
    next: rows.length > limit && last !== undefined ? `${last.occurred_at.getTime()}.${last.id}` : null,
  };
}

export function deadLetterOf(row: DeadLetterRow): Omit<DeadLetter, 'redrives'> {
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
    rootId: row.root_id,
    attempt: row.attempt,
    quarantined: row.quarantined_at !== null,
  };
}
