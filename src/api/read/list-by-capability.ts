import type { Database } from '../../runtime/index.js';
import { conditionsOf } from './node-conditions.js';
import { NODE_COLUMNS, type NodeRow } from './node-row.js';
import type { NodeFilter } from './node.js';
import { rowsOf } from './query.js';

/** Nodes looked at in their order to see how common a tag is, as a multiple of those wanted. */
const LOOK_AHEAD = 4;

/**
 * From this share of those looked at on, it is cheaper to go on in their order. For a share `s` of the fleet, a page of `n`
 * costs `n / s` rows in order, and `s * fleet` by the index: even at 2 % for pages of 50 in a fleet of 100,000.
 */
const COMMON = 0.02;

/** The share is a guess: as many more are looked at before the index is asked after all. */
const MARGIN = 2;

/**
 * Rows of nodes that have a tag, the first `limit` behind `after`. PostgreSQL cannot tell how common a tag is, and errs by a
 * factor of 1,000 either way. So the next few nodes tell: with a common tag they, or those behind them, fill the page; else
 * the index gives every node that has it, and these are sorted.
 */
export async function rowsByCapability(
  database: Database,
  filter: NodeFilter & { readonly capability: string },
  after: string | null,
  limit: number,
): Promise<readonly NodeRow[]> {
  const window = limit * LOOK_AHEAD;
  const near = await rowsInWindow(database, filter, after, limit, window);
  if (near.length === limit) return near;
  const share = near.length / window;
  if (share >= COMMON) {
    const [last, wanted] = [near.at(-1)?.node_id ?? after, limit - near.length];
    const further = await rowsInWindow(database, filter, last, wanted, Math.ceil((MARGIN * wanted) / share));
    if (further.length === wanted) return [...near, ...further];
  }
  return rowsByIndex(database, filter, after, limit);
}

/** Of the next `window` nodes those with the tag, at most `limit`. */
function rowsInWindow(
  database: Database,
  { capability, ...others }: NodeFilter & { readonly capability: string },
  after: string | null,
  limit: number,
  window: number,
): Promise<readonly NodeRow[]> {
  const { conditions, values } = conditionsOf(others, after);
  const [rows, tag, wanted] = [1, 2, 3].map((offset) => `$${values.length + offset}`);
  return rowsOf<NodeRow>(database, {
    text: `
      select ${NODE_COLUMNS} from (
        select * from machine_states where ${conditions} order by node_id limit ${rows}
      ) as next_nodes
      where capability_tags @> jsonb_build_array(${tag}::text)
      order by node_id limit ${wanted}`,
    values: [...values, window, capability, limit],
  });
}

function rowsByIndex(database: Database, filter: NodeFilter, after: string | null, limit: number) {
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
