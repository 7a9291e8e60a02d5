import { REGISTRY_SIGNER, type ProposedRecord } from '../../messages/index.js';
import type { Refusal } from '../admission.js';
import type { Announcement } from '../record.js';
import type { Context, WorkflowState } from '../state.js';

/** With the key that the node has from now on: the operator's word, the one already known, or the one that it has signed with. */
export function pinned(state: WorkflowState, message: Announcement, { authorship }: Context): WorkflowState {
  const { signedBy } = authorship ?? { signedBy: REGISTRY_SIGNER };
  // While it is only warned of, anybody's command has its effect, but a key that he planted would be known for good.
  const isGiven = message.eventType === 'REGISTER_NODE' && signedBy === REGISTRY_SIGNER;
  const given = isGiven ? message.payload.publicKey : undefined;
  // Of the registry's own processes it is the registry.
  const own = message.eventType === 'NODE_INTROSPECTION' ? authorship?.signedBy : undefined;
  const publicKey = given ?? state.publicKey ?? own ?? undefined;
  return publicKey === state.publicKey || publicKey === undefined ? state : { ...state, publicKey };
}

/** Why a node whose key is not known is refused, where it has to sign and does not. */
export function unsigned({ eventType }: Announcement, { authorship }: Context): Refusal | null {
  if (eventType === 'REGISTER_NODE' || authorship?.mode !== 'required' || authorship.signedBy !== null) return null;
  return {
    code: SIGNATURE_REQUIRED,
    reason: 'messages of nodes have to be signed here (SIGNED_EVENTS=required), and this one is not',
  };
}

const SIGNATURE_REQUIRED = 'signature_required';

/** What is kept of a refused record: who need not sign could name an incarnation that the node never reaches. */
export function recordOfRefused(
  record: ProposedRecord,
  { code }: Refusal,
  known: WorkflowState | null,
): ProposedRecord {
  return code === SIGNATURE_REQUIRED ? { ...record, incarnation: known?.record.incarnation ?? null } : record;
}
