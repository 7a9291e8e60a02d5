import type { EffectOutcome } from '../effect-handler.js';
import { fencedOutcomes } from './fenced-outcomes.js';
import type { Queryable } from './queryable.js';
import {
  DEACTIVATE_COLUMNS,
  REGISTRATION_FENCE,
  unnest,
  valuesOf,
  type DeactivateRequest,
} from './registration-row.js';

/** The rows are locked in order first: an UPDATE alone takes them as its join happens to yield them. */
const TEXT = `
WITH locked AS MATERIALIZED (
  SELECT input.*
  FROM ${unnest(DEACTIVATE_COLUMNS)}
  JOIN node_registrations USING (node_id)
  ORDER BY node_id COLLATE "C"
  FOR NO KEY UPDATE OF node_registrations
)
UPDATE node_registrations AS stored SET
  state = 'deregistered',
  revision = locked.revision,
  attempt_id = locked.attempt_id,
  updated_at = locked.event_at,
  deregistered_at = locked.event_at
FROM locked
WHERE stored.node_id = locked.node_id AND stored.revision <= locked.revision
RETURNING stored.node_id`;

/**
 * Marks rows as deregistered, and keeps them. A missing row is fine; one of a higher revision stays, and fails with
 * POSTGRES_VALIDATION_ERROR. At most one request a node. Throws what the driver throws; then nothing is written.
 */
export async function deactivateRegistrations(
  db: Queryable,
  requests: readonly DeactivateRequest[],
): Promise<readonly EffectOutcome[]> {
  const { rows } = await db.query<{ node_id: string }>({
    name: 'registry-deactivate',
    text: TEXT,
    values: valuesOf(DEACTIVATE_COLUMNS, requests),
  });
  return fencedOutcomes(db, requests, rows, REGISTRATION_FENCE);
}
