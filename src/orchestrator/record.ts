import { canonicalHash, type Input, type JsonObject, type ProposedRecord } from '../messages/index.js';
import type { WorkflowState } from './state.js';

export type Announcement = Input<'NODE_INTROSPECTION'> | Input<'REGISTER_NODE'>;

/** What the announcement says the node is; an incarnation that it does not name is the one already known. */
export function recordFrom(message: Announcement, known: WorkflowState | null): ProposedRecord {
  const { payload } = message;
  return {
    nodeId: payload.nodeId,
    nodeType: payload.nodeType ?? '',
    nodeVersion: payload.nodeVersion,
    capabilities: payload.capabilities,
    capabilityTags: capabilityTags(payload.capabilities),
    endpoints: payload.endpoints,
    metadata: payload.metadata,
    healthEndpoint: payload.healthEndpoint ?? null,
    incarnation: payload.incarnation ?? knownIncarnation(known, message),
  };
}

/** Null: none is. Who gets another key is another, whose number need not be above that of whoever had the old one. */
export function knownIncarnation(state: WorkflowState | null, message: Announcement): number | null {
  return state === null || replacesKey(state, message) ? null : state.record.incarnation;
}

function replacesKey({ publicKey }: WorkflowState, { eventType, payload }: Announcement): boolean {
  return eventType === 'REGISTER_NODE' && payload.publicKey !== undefined && payload.publicKey !== publicKey;
}

export function hashOf(record: ProposedRecord): string {
  return canonicalHash(record);
}

/** Keys whose value is neither false nor null, and the strings of `operations`; sorted, each once. */
function capabilityTags(capabilities: JsonObject): readonly string[] {
  const tags = new Set(
    Object.keys(capabilities).filter((key) => capabilities[key] !== false && capabilities[key] !== null),
  );
  const { operations } = capabilities;
  if (Array.isArray(operations))
    for (const operation of operations) if (typeof operation === 'string') tags.add(operation);
  return [...tags].sort();
}

/** Names (as on the wire) of the fields in which two records differ. */
export function changedFields(before: ProposedRecord, after: ProposedRecord): readonly string[] {
  return FIELDS.filter(([, field]) => canonicalHash(before[field]) !== canonicalHash(after[field])).map(
    ([name]) => name,
  );
}

const FIELDS = [
  ['node_type', 'nodeType'],
  ['node_version', 'nodeVersion'],
  ['capabilities', 'capabilities'],
  ['endpoints', 'endpoints'],
  ['metadata', 'metadata'],
  ['health_endpoint', 'healthEndpoint'],
  ['incarnation', 'incarnation'],
] as const;
