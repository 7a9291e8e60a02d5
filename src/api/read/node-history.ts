import type { Database } from '../../runtime/index.js';
import type { HistoryItem, HistoryPage } from './node.js';
import { rowsOf } from './query.js';

/** A step as the journal has it. */
export type HistoryRow = {
  /** bigint, so text. */
  readonly id: string;
  readonly version: number;
  readonly event_id: string;
  readonly event_type: string;
  readonly rule: string;
  readonly from_status: string;
  readonly path: string;
  readonly to_status: string;
  readonly occurred_at: Date;
  readonly correlation_id: string;
  readonly causation_id: string | null;
};

/**
 * Steps of a node's workflow in the order in which they were taken, behind journal entry `after`. Empty for an unknown node:
 * the journal never loses the last entry of a node.
 */
export async function nodeHistory(
  database: Database,
  nodeId: string,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<HistoryPage> {
  const rows = await rowsOf<HistoryRow>(database, {
    name: 'node-history',
    text: HISTORY,
    values: [nodeId, after ?? '0', limit + 1],
  });
  const page = rows.slice(0, limit);
  return {
    items: page.map(historyItem),
    positions: page.map(({ id }) => id),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Steps that the journal has of a node. */
export async function countHistory(database: Database, nodeId: string): Promise<number> {
  const rows = await rowsOf<{ count: number }>(database, { name: 'count-history', text: COUNT, values: [nodeId] });
  return rows[0]?.count ?? 0;
}

const HISTORY = `
  select id, version, event_id, event_type, rule, from_status, path, to_status, occurred_at, correlation_id, causation_id
  from journal
  where machine = 'orchestrator' and node_id = $1 and id > $2::bigint
  order by id limit $3`;

const COUNT = `select count(*)::int as count from journal where machine = 'orchestrator' and node_id = $1`;

export function historyItem(row: HistoryRow): HistoryItem {
  return {
    version: row.version,
    eventId: row.event_id,
    eventType: row.event_type,
    rule: row.rule,
    fromStatus: row.from_status,
    path: row.path,
    toStatus: row.to_status,
    occurredAt: row.occurred_at.toISOString(),
    correlationId: row.correlation_id,
    causationId: row.causation_id,
  };
}
