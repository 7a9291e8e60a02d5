import type { Database } from '../../runtime/index.js';
import { NODE_COLUMNS, nodeOf, type NodeRow } from './node-row.js';
import type { Node, NodeFilter, Page } from './node.js';
import { rowsOf } from './query.js';

/** Nodes, in the order of their ids, behind `after`. Rows that come or go meanwhile neither double nor hide another one. */
export async function listNodes(
  database: Database,
  filter: NodeFilter,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<Page<Node, string>> {
  const rows = await (filter.capability === undefined
    ? rowsInOrder(database, filter, after, limit + 1)
    : rowsByCapability(database, filter, after, limit + 1));
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

/** Nodes looked at in their order before the index of capabilities is asked, as a multiple of those wanted. */
const LOOK_AHEAD = 4;

/**
 * PostgreSQL cannot tell how common a tag is, and errs by a factor of 1,000 either way. So: a common one fills the page from
 * the next few nodes; else the index gives every node that has it, and these are sorted.
 */
async function rowsByCapability(database: Database, filter: NodeFilter, after: string | null, limit: number) {
  const { capability, ...others } = filter;
  const ahead = conditionsOf(others, after);
  const [window, tag, wanted] = [1, 2, 3].map((offset) => `$${ahead.values.length + offset}`);
  const near = await rowsOf<NodeRow>(database, {
    text: `
      select ${NODE_COLUMNS} from (
        select * from machine_states where ${ahead.conditions} order by node_id limit ${window}
      ) as next_nodes
      where ${TAGS}::jsonb @> ${tag}::jsonb order by node_id limit ${wanted}`,
    values: [...ahead.values, limit * LOOK_AHEAD, JSON.stringify([capability]), limit],
  });
  if (near.length === limit) return near;
  const { conditions, values } = conditionsOf(filter, after);
  return rowsOf<NodeRow>(database, {
    text: `
      with matching as materialized (select node_id from machine_states where ${conditions})
      select ${NODE_COLUMNS} from machine_states
      where machine = 'orchestrator'
        and node_id = any(array(select node_id from matching order by node_id limit $${values.length + 1}))
      order by node_id`,
    values: [...values, limit],
  });
}

/** The indexed expressions of migration 2, letter by letter. */
const NODE_TYPE = `(state #>> '{record,nodeType}')`;
const TAGS = `(state #> '{record,capabilityTags}')`;

/** `before`: values of the statement's parameters before those of the conditions. */
export function conditionsOf(
  { state, nodeType, capability, q }: NodeFilter,
  after: string | null,
  before: readonly unknown[] = [],
) {
  const values: unknown[] = [...before];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = [`machine = 'orchestrator'`];
  if (after !== null) conditions.push(`node_id > ${value(after)}`);
  if (state !== undefined) conditions.push(`status = ${value(state)}`);
  if (nodeType !== undefined) conditions.push(`${NODE_TYPE} = ${value(nodeType)}`);
  if (capability !== undefined) conditions.push(`${TAGS}::jsonb @> ${value(JSON.stringify([capability]))}::jsonb`);
  if (q !== undefined) {
    const pattern = value(`%${q.replace(/[\\%_]/g, '\\$&')}%`);
    const tagMatches = `exists (select from json_array_elements_text(${TAGS}) as tag where tag ilike ${pattern})`;
    conditions.push(`(node_id ilike ${pattern} or ${tagMatches})`);
  }
  return { conditions: conditions.join(' and '), values };
}
