import { NODE_TYPES, type ProposedRecord } from '../messages/index.js';
import type { Announcement } from './record.js';

/** Who may register: `admission` in contract.yaml. */
export type Admission = {
  readonly allowedNodeTypes: readonly string[];
  /** Wire names of fields that must be there and not empty. */
  readonly requiredFields: readonly string[];
  /** Most nodes that may take part at once; null for no limit. */
  readonly fleetLimit: number | null;
};

export type Refusal = { readonly code: string; readonly reason: string };

/** Null when admitted. `fleetSize` is null where there is no limit, or the node is already counted. */
export function refusal(
  admission: Admission,
  record: ProposedRecord,
  { payload }: Announcement,
  fleetSize: number | null,
): Refusal | null {
  const allowed = admission.allowedNodeTypes.join(', ');
  if (record.nodeType === '') {
    return { code: 'missing_node_type', reason: `node_type is missing; allowed here: ${allowed}` };
  }
  if (!(NODE_TYPES as readonly string[]).includes(record.nodeType)) {
    return { code: 'unknown_node_type', reason: `node_type "${record.nodeType}" is unknown; allowed here: ${allowed}` };
  }
  if (!admission.allowedNodeTypes.includes(record.nodeType)) {
    return {
      code: 'node_type_not_allowed',
      reason: `node_type "${record.nodeType}" is not allowed; allowed here: ${allowed}`,
    };
  }
  const missing = admission.requiredFields.filter((name) => !isGiven(name, record, payload));
  if (missing.length > 0) {
    return { code: 'missing_required_field', reason: `required here and missing: ${missing.join(', ')}` };
  }
  if (admission.fleetLimit !== null && fleetSize !== null && fleetSize >= admission.fleetLimit) {
    return {
      code: 'fleet_limit_reached',
      reason: `the fleet already has ${fleetSize} of at most ${admission.fleetLimit} nodes`,
    };
  }
  return null;
}

/** What `required_fields` may name. */
export const REQUIRABLE = [
  ['capabilities', 'capabilities'],
  ['endpoints', 'endpoints'],
  ['metadata', 'metadata'],
  ['health_endpoint', 'healthEndpoint'],
  ['incarnation', 'incarnation'],
] as const;

/** Whether the announcement fills the field with this wire name. An incarnation that is merely known already is none. */
function isGiven(name: string, record: ProposedRecord, payload: Announcement['payload']): boolean {
  const field = REQUIRABLE.find(([required]) => required === name)?.[1];
  if (field === undefined) return false;
  return isFilled(field === 'incarnation' ? payload.incarnation : record[field]);
}

function isFilled(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  return typeof value === 'object' ? Object.keys(value).length > 0 : true;
}
