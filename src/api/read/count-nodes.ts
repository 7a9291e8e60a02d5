import type { Database } from '../../runtime/index.js';
import { rowsOf } from './query.js';

export type NodeCount = { readonly state: string; readonly nodeType: string | null; readonly count: number };

/** The fleet by state and type, from columns alone: no state is taken apart, so it costs a fraction of a census. */
export function countNodes(database: Database): Promise<readonly NodeCount[]> {
  return rowsOf<NodeCount>(database, { name: 'count-nodes', text: COUNT, values: [] });
}

const COUNT = `
  select status as state, node_type as "nodeType", count(*)::int as count
  from machine_states where machine = 'orchestrator'
  group by 1, 2`;
