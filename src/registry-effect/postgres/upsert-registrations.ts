import { quoted, recordText } from '../../messages/index.js';
import type { EffectOutcome } from '../effect-handler.js';
import { fencedOutcomes } from './fenced-outcomes.js';
import type { Queryable } from './queryable.js';
import { REGISTRATION_FENCE, type UpsertRequest } from './registration-row.js';

/**
 * Sorted, so that two statements lock the rows they share in one order. Everything but `registered_at` is overwritten: that is
 * when the node was first seen. The batch goes over as one JSON text: a record has one already, where arrays would be escaped here and
 * parsed there, a column each.
 */
const TEXT = `
INSERT INTO node_registrations AS stored (
  node_id, node_type, node_version, capabilities, capability_tags, endpoints, metadata, health_endpoint,
  state, revision, attempt_id, incarnation, registered_at, updated_at, deregistered_at
)
SELECT
  node_id, node_type, node_version, capabilities, capability_tags, endpoints, metadata, health_endpoint,
  state, revision, attempt_id, incarnation, event_at, event_at, NULL
FROM json_to_recordset($1::json) AS input (
  node_id text, node_type text, node_version text, capabilities jsonb, capability_tags text[], endpoints jsonb,
  metadata jsonb, health_endpoint text, incarnation bigint,
  state text, revision bigint, attempt_id uuid, event_at timestamptz
)
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
    values: [`[${requests.map(rowText).join(',')}]`],
  });
  return fencedOutcomes(db, requests, rows, REGISTRATION_FENCE);
}

/** The record with what the intent says beside it. */
function rowText({ intent: { record, state, revision, attemptId }, eventTimestamp }: UpsertRequest): string {
  return (
    `${recordText(record).slice(0, -1)},"state":"${state}","revision":${revision},` +
    `"attempt_id":${quoted(attemptId)},"event_at":${quoted(eventTimestamp)}}`
  );
}
