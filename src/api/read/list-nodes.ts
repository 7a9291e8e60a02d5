import type { Database } from '../../runtime/index.js';
import { rowsByCapability } from './list-by-capability.js';
import { conditionsOf } from './node-conditions.js';
import { NODE_COLUMNS, nodeOf, type NodeRow } from './node-row.js';
import type { Node, NodeFilter, Page } from './node.js';
import { rowsOf } from './query.js';

/** Nodes, in the order of their ids, behind `after`. Rows that come or go meanwhile neither double nor hide another one. */
export async function listNodes(
  database: Database,
  filter: NodeFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<Node, string>> {
  const { capability } = filter;
  const rows = await (capability === undefined
    ? rowsInOrder(database, filter, after, limit + 1)
    : rowsByCapability(database, { ...filter, capability }, after, limit + 1));
  const items = rows.slice(0, limit).map(nodeOf);
  return { items, next: rows.length > limit ? (items.at(-1)?.nodeId ?? null) : null };
}

/** How many nodes a filter lets pass. */
export async function countNodes(database: Database, filter: NodeFilter): Promise<number> {
  const { conditions, values } = conditionsOf(filter, null);
  const text = `select count(*)::int as count from machine_states where ${conditions}`;
  return (await rowsOf<{ count: number }>(database, { text, values }))[0]?.count ?? 0;
}

function rowsInOrder(database: Database, filter: NodeFilter, after: string | null, limit: number) {
  const { conditions, values } = conditionsOf(filter, after);
  const text = `
    select ${NODE_COLUMNS} from machine_states where ${conditions}
    order by node_id limit $${values.length + 1}`;
  return rowsOf<NodeRow>(database, { text, values: [...values, limit] });
}
