import { canonicalHash, type Input, type JsonObject, type ProposedRecord } from '../messages/index.js';
import type { WorkflowState } from './state.js';

export type Announcement = Input<'NODE_INTROSPECTION'> | Input<'REGISTER_NODE'>;

/** What the announcement says the node is; an incarnation that it does not name is the one already known. */
export function recordFrom({ payload }: Announcement, known: WorkflowState | null): ProposedRecord {
  return {
    nodeId: payload.nodeId,
    nodeType: payload.nodeType ?? '',
    nodeVersion: payload.nodeVersion,
    capabilities: payload.capabilities,
    capabilityTags: capabilityTags(payload.capabilities),
    endpoints: payload.endpoints,
    metadata: payload.metadata,
    healthEndpoint: payload.healthEndpoint ?? null,
    incarnation: payload.incarnation ?? known?.record.incarnation ?? null,
  };
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
