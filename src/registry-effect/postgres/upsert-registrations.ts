import type { EffectOutcome } from '../effect-handler.js';
import { fencedOutcomes } from './fenced-outcomes.js';
import type { Queryable } from './queryable.js';
import { REGISTRATION_FENCE, unnest, UPSERT_COLUMNS, valuesOf, type UpsertRequest } from './registration-row.js';

/**
 * Sorted, so that two statements lock the rows they share in one order. Everything but `registered_at` is overwritten: that is
 * when the node was first seen.
 */
const TEXT = `
INSERT INTO node_registrations AS stored (
  node_id, node_type, node_version, capabilities, capability_tags, endpoints, metadata, health_endpoint,
  state, revision, attempt_id, incarnation, registered_at, updated_at, deregistered_at
)
SELECT
  node_id, node_type, node_version, capabilities::jsonb,
  ARRAY(SELECT jsonb_array_elements_text(input.capability_tags::jsonb)),
  endpoints::jsonb, metadata::jsonb, health_endpoint,
  state, revision, attempt_id, incarnation, event_at, event_at, NULL
FROM ${unnest(UPSERT_COLUMNS)}
ORDER BY node_id COLLATE "C"
ON CONFLICT (node_id) DO UPDATE SET
  node_type = excluded.node_type,
  node_version = excluded.node_version,
  capabilities = excluded.capabilities,
  capability_tags = excluded.capability_tags,
  endpoints = excluded.endpoints,
  metadata = excluded.metadata,
  health_endpoint = excluded.health_endpoint,
  state = excluded.state,
  revision = excluded.revision,
  attempt_id = excluded.attempt_id,
  incarnation = excluded.incarnation,
  updated_at = excluded.updated_at,
  deregistered_at = NULL
WHERE stored.revision <= excluded.revision
RETURNING node_id`;

/**
 * Writes desired records in one statement; a row of a higher revision stays, and fails with POSTGRES_VALIDATION_ERROR. At most
 * one request a node. Throws what the driver throws; then nothing is written.
 */
export async function upsertRegistrations(
  db: Queryable,
  requests: readonly UpsertRequest[],
): Promise<readonly EffectOutcome[]> {
  const { rows } = await db.query<{ node_id: string }>({
    name: 'registry-upsert',
    text: TEXT,
    values: valuesOf(UPSERT_COLUMNS, requests),
  });
  return fencedOutcomes(db, requests, rows, REGISTRATION_FENCE);
}
