import type { Database } from '../../runtime/index.js';
import { conditionsOf } from './node-conditions.js';
import { NODE_COLUMNS, nodeOf, type NodeRow } from './node-row.js';
import type { Node, NodeFilter, Page } from './node.js';
import { rowsOf } from './query.js';

/**
 * The fleet as it was at a moment, in place of machine_states: of each node the state after its newest step that had occurred by
 * then; a node without one is not there. The newest is the one of the highest version. Messages come by several topics, so a
 * later step may rest on a message that was appended a little earlier than that of the step before it: then it, and all that it
 * was built on, counts from its own time on. So a node never goes back as the moment moves on, and what is shown is always a
 * state that the node was in (docs/decisions/017).
 *
 * $1 is the moment. `offset 0` keeps the big row of a step from being read before all is known that chooses it.
 */
const PAST = `(
  select s.machine, s.node_id, step.to_status as status, entry.state_after as state,
    entry.state_after::json #>> '{record,nodeType}' as node_type,
    (entry.state_after::json #> '{record,capabilityTags}')::jsonb as capability_tags,
    null::timestamptz as last_heartbeat_at
  from machine_states s
  cross join lateral (
    select id, to_status from journal
    where machine = 'orchestrator' and node_id = s.node_id and state_after is not null and occurred_at <= $1
    order by version desc limit 1
  ) as step
  cross join lateral (select state_after from journal where id = step.id offset 0) as entry
) as past`;

/** As `listNodes`, of the moment `asOf` (RFC 3339). */
export async function listNodesAsOf(
  database: Database,
  asOf: string,
  filter: NodeFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<Node, string>> {
  const { conditions, values } = conditionsOf(filter, after, [asOf]);
  const text = `
    select ${NODE_COLUMNS} from ${PAST} where ${conditions}
    order by node_id limit $${values.length + 1}`;
  const rows = await rowsOf<NodeRow>(database, { text, values: [...values, limit + 1] });
  const items = rows.slice(0, limit).map(nodeOf);
  return { items, next: rows.length > limit ? (items.at(-1)?.nodeId ?? null) : null };
}

/** How many nodes a filter let pass then. */
export async function countNodesAsOf(database: Database, asOf: string, filter: NodeFilter): Promise<number> {
  const { conditions, values } = conditionsOf(filter, null, [asOf]);
  const text = `select count(*)::int as count from ${PAST} where ${conditions}`;
  return (await rowsOf<{ count: number }>(database, { text, values }))[0]?.count ?? 0;
}

/** Null for a node that was not known then. */
export async function nodeAsOf(database: Database, asOf: string, nodeId: string): Promise<Node | null> {
  const text = `select ${NODE_COLUMNS} from ${PAST} where machine = 'orchestrator' and node_id = $2`;
  const [row] = await rowsOf<NodeRow>(database, { name: 'node-as-of', text, values: [asOf, nodeId] });
  return row === undefined ? null : nodeOf(row);
}
