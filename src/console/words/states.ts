import type { NodeState } from '../../api-answers/answers.js';

/** How a state is to be taken: colours follow it, and never stand alone. */
export type Tone = 'good' | 'wait' | 'bad' | 'off' | 'info';

type StateText = { readonly label: string; readonly tone: Tone; readonly about: string };

export const STATE_TEXTS: Readonly<Record<NodeState, StateText>> = {
  active: { label: 'Active', tone: 'good', about: 'takes part, and others find it' },
  pending_registration: { label: 'Pending', tone: 'wait', about: 'waits for Consul and PostgreSQL' },
  accepted: { label: 'Accepted', tone: 'wait', about: 'both backends hold it' },
  awaiting_ack: { label: 'Awaiting ack', tone: 'wait', about: 'has to say that it is ready' },
  ack_received: { label: 'Ack received', tone: 'wait', about: 'has said that it is ready' },
  rejected: { label: 'Rejected', tone: 'bad', about: 'was not admitted' },
  ack_timed_out: { label: 'Ack timed out', tone: 'bad', about: 'did not say in time that it is ready' },
  liveness_expired: { label: 'Expired', tone: 'bad', about: 'fell silent' },
  deregistering: { label: 'Leaving', tone: 'off', about: 'is being taken out' },
  deregistered: { label: 'Deregistered', tone: 'off', about: 'has left' },
};

/** Of any text that a state may be; one that we do not know is shown as it is. */
export function stateText(state: string): StateText {
  return Object.hasOwn(STATE_TEXTS, state)
    ? STATE_TEXTS[state as NodeState]
    : { label: state, tone: 'off', about: 'not known to this console' };
}

/** States gone through, from the journal's `a > b > c`. */
export function pathStates(path: string): readonly string[] {
  return path === '' ? [] : path.split(' > ');
}
