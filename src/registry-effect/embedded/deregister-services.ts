import type { EffectOutcome } from '../effect-handler.js';
import { fencedOutcomes } from '../postgres/fenced-outcomes.js';
import type { Queryable } from '../postgres/queryable.js';
import { unnest, valuesOf } from '../postgres/registration-row.js';
import { CATALOG_FENCE } from './catalog-fence.js';
import { DEREGISTER_COLUMNS, type DeregisterRequest } from './catalog-row.js';

/**
 * The index is raised first, which keeps other writers away until the end. An upsert, not an update: that would overlook a row
 * which another writer commits while this one waits, and leave no fence where there is no row yet.
 */
const TEXT = `
WITH raised AS (UPDATE catalog_index SET value = value + 1 RETURNING value)
INSERT INTO catalog_services AS stored (node_id, present, revision)
SELECT input.node_id, false, input.revision
FROM ${unnest(DEREGISTER_COLUMNS)}, raised
ORDER BY input.node_id COLLATE "C"
ON CONFLICT (node_id) DO UPDATE SET present = false, revision = excluded.revision
WHERE stored.revision <= excluded.revision
RETURNING node_id`;

/**
 * Removes services with their checks, whatever their type: a node has one. Their rows stay as a fence. A row of a higher
 * revision stays as it is, and fails with CONSUL_VALIDATION_ERROR. At most one request a node. Throws what the driver throws;
 * then nothing is written.
 */
export async function deregisterServices(
  db: Queryable,
  requests: readonly DeregisterRequest[],
): Promise<readonly EffectOutcome[]> {
  const values = valuesOf(DEREGISTER_COLUMNS, requests);
  const { rows } = await db.query<{ node_id: string }>({ name: 'catalog-deregister', text: TEXT, values });
  return fencedOutcomes(db, requests, rows, CATALOG_FENCE);
}
