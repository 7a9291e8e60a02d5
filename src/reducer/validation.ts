import type { ProposedRecord, RegistrationRecord } from '../messages/catalogue.js';
import type { Initiated, NodeType, ReducerState } from './state.js';

export type ValidationCode = 'missing_node_id' | 'missing_node_type' | 'invalid_node_type' | 'invalid_reset_state';

export type Validated =
  | { readonly ok: true; readonly record: RegistrationRecord }
  | { readonly ok: false; readonly code: ValidationCode; readonly message: string };

const NODE_TYPES: Readonly<Record<NodeType, true>> = { effect: true, compute: true, reducer: true, orchestrator: true };

/** Whether the proposed record can become the desired one. */
export function validate({ desired }: ReducerState, { payload: { kind, record } }: Initiated): Validated {
  if (record.nodeId === '') return refused('missing_node_id', 'the record has no node_id');
  if (record.nodeType === '') return refused('missing_node_type', 'the record has no node_type');
  if (!hasKnownType(record)) return refused('invalid_node_type', `node_type "${record.nodeType}" is unknown`);
  if (kind === 'update' && desired?.presence !== 'present') {
    return refused(
      'invalid_reset_state',
      'an update changes a registered node, and this one is not: only a registration resets',
    );
  }
  return { ok: true, record };
}

function hasKnownType(record: ProposedRecord): record is RegistrationRecord {
  return Object.hasOwn(NODE_TYPES, record.nodeType);
}

function refused(code: ValidationCode, message: string): Validated {
  return { ok: false, code, message };
}
