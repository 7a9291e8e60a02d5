import type { EffectRequest, IntentOf } from '../effect-handler.js';
import type { Fence } from './fenced-outcomes.js';

export type UpsertRequest = EffectRequest<IntentOf<'postgres.upsert_registration'>>;
export type DeactivateRequest = EffectRequest<IntentOf<'postgres.deactivate_registration'>>;

export const REGISTRATION_FENCE: Fence = { table: 'node_registrations', errorCode: 'POSTGRES_VALIDATION_ERROR' };

export type Column<T> = { readonly name: string; readonly type: string; readonly of: (request: T) => unknown };

/**
 * Rows as one array a column: a statement has the same text and the same number of parameters whatever the size of its batch,
 * so it can be prepared. Ragged and nested values (tags, jsonb) travel as JSON text.
 */
export const UPSERT_COLUMNS: readonly Column<UpsertRequest>[] = [
  { name: 'node_id', type: 'text', of: ({ intent }) => intent.record.nodeId },
  { name: 'node_type', type: 'text', of: ({ intent }) => intent.record.nodeType },
  { name: 'node_version', type: 'text', of: ({ intent }) => intent.record.nodeVersion },
  { name: 'capabilities', type: 'text', of: ({ intent }) => JSON.stringify(intent.record.capabilities) },
  { name: 'capability_tags', type: 'text', of: ({ intent }) => JSON.stringify(intent.record.capabilityTags) },
  { name: 'endpoints', type: 'text', of: ({ intent }) => JSON.stringify(intent.record.endpoints) },
  { name: 'metadata', type: 'text', of: ({ intent }) => JSON.stringify(intent.record.metadata) },
  { name: 'health_endpoint', type: 'text', of: ({ intent }) => intent.record.healthEndpoint },
  { name: 'state', type: 'text', of: ({ intent }) => intent.state },
  { name: 'revision', type: 'bigint', of: ({ intent }) => intent.revision },
  { name: 'attempt_id', type: 'uuid', of: ({ intent }) => intent.attemptId },
  { name: 'incarnation', type: 'bigint', of: ({ intent }) => intent.record.incarnation },
  { name: 'event_at', type: 'timestamptz', of: ({ eventTimestamp }) => eventTimestamp },
];

export const DEACTIVATE_COLUMNS: readonly Column<DeactivateRequest>[] = [
  { name: 'node_id', type: 'text', of: ({ intent }) => intent.nodeId },
  { name: 'revision', type: 'bigint', of: ({ intent }) => intent.revision },
  { name: 'attempt_id', type: 'uuid', of: ({ intent }) => intent.attemptId },
  { name: 'event_at', type: 'timestamptz', of: ({ eventTimestamp }) => eventTimestamp },
];

/** `unnest($1::text[], …) AS input (node_id, …)` */
export function unnest(columns: readonly Column<never>[]): string {
  const parameters = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `unnest(${parameters.join(', ')}) AS input (${columns.map(({ name }) => name).join(', ')})`;
}

export function valuesOf<T>(columns: readonly Column<T>[], requests: readonly T[]): unknown[][] {
  return columns.map(({ of }) => requests.map(of));
}
