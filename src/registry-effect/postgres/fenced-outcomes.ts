import { DONE, type EffectOutcome } from '../effect-handler.js';
import type { ErrorCode } from '../resilience/error-codes.js';
import type { Queryable } from './queryable.js';

/** Where the revisions stand, by node_id, and what a request behind them fails with. */
export type Fence = { readonly table: 'node_registrations' | 'catalog_services'; readonly errorCode: ErrorCode };

type Fenced = { readonly intent: { readonly nodeId: string; readonly revision: number } };

/**
 * The outcomes of a fenced statement that has written the rows of `written`. A row that it left alone has a higher revision,
 * which the outcome names; a row that is not there had nothing to be changed.
 */
export async function fencedOutcomes(
  db: Queryable,
  requests: readonly Fenced[],
  written: readonly { readonly node_id: string }[],
  { table, errorCode }: Fence,
): Promise<readonly EffectOutcome[]> {
  const done = new Set(written.map(({ node_id: nodeId }) => nodeId));
  const left = requests.map(({ intent }) => intent.nodeId).filter((nodeId) => !done.has(nodeId));
  if (left.length === 0) return requests.map(() => DONE);
  const { rows } = await db.query<{ node_id: string; revision: string }>({
    name: `${table}-revisions`,
    text: `SELECT node_id, revision FROM ${table} WHERE node_id = ANY ($1::text[])`,
    values: [left],
  });
  const stored = new Map(rows.map((row) => [row.node_id, row.revision]));
  return requests.map(({ intent: { nodeId, revision } }) => {
    const higher = done.has(nodeId) ? undefined : stored.get(nodeId);
    if (higher === undefined) return DONE;
    return {
      ok: false,
      errorCode,
      errorMessage: `revision ${revision} is stale: ${table} holds revision ${higher} of ${nodeId}`,
    };
  });
}
