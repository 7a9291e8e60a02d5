import type { Database } from '../../runtime/index.js';
import { Batched } from './batched.js';
import { NODE_COLUMNS, nodeOf, SUMMARY_COLUMNS, summaryOf, type NodeRow, type SummaryRow } from './node-row.js';
import type { Node, NodeSummary } from './node.js';
import { rowsOf } from './query.js';

/** Nodes by id, whole: null for a node that the registry does not know. Throws StateUnavailable. */
export function nodesById(database: Database): Batched<Node> {
  return new Batched(async (nodeIds) => {
    const values = [nodeIds];
    const rows = await rowsOf<NodeRow>(database, { name: 'nodes-by-id', text: byId(NODE_COLUMNS), values });
    return new Map(rows.map((row) => [row.node_id, nodeOf(row)]));
  });
}

/** The same of what stands in columns of its own, for a fraction of the work: no state has to be sent and parsed. */
export function summariesById(database: Database): Batched<NodeSummary> {
  return new Batched(async (nodeIds) => {
    const values = [nodeIds];
    const rows = await rowsOf<SummaryRow>(database, { name: 'summaries-by-id', text: byId(SUMMARY_COLUMNS), values });
    return new Map(rows.map((row) => [row.node_id, summaryOf(row)]));
  });
}

function byId(columns: string): string {
  return `select ${columns} from machine_states where machine = 'orchestrator' and node_id = any($1::text[])`;
}
