import { isFresh, REGISTRY_SIGNER, type Input } from '../messages/index.js';
import { ignore } from './rules.js';
import type { Authorship, Doubt, Handler, InputType, Step, Timings, WorkflowState } from './state.js';

/**
 * Whether a message is from whom it says, before anything else is asked: node A must not speak for node B.
 *
 * - A node speaks by the key that is known of it (`publicKey`): the one of its first admitted introspection, or the one that an
 *   operator gave with REGISTER_NODE. Neither silence nor goodbye makes it forgotten.
 * - Commands and markers of deadlines are the registry's, and signed with its own key, which may say anything; a node may ask for its
 *   own deregistration.
 * - Progress comes from topics that no node may write to, and is not asked about.
 *
 * In mode required what is doubtful has no effect and leaves no trace in the journal: there its id would stand in the way of the
 * message that really has it. In mode warn it has its effect, and the step tells of the doubt.
 */
export function authentic<T extends InputType>(decide: Handler<T>): Handler<T> {
  return (state, message, context) => {
    const { authorship } = context;
    if (authorship === undefined) return decide(state, message, context);
    const doubt = doubtAbout(state, message, authorship, context.timings);
    if (doubt === null) return resting(decide(state, message, context), authorship);
    if (authorship.mode === 'required' && !isAnswered(state, message, doubt)) return ignore(doubt, state, message);
    return { ...resting(decide(state, message, context), authorship), doubt };
  };
}

/** A replay has to know who had signed. */
function resting(step: Step, authorship: Authorship): Step {
  return { ...step, used: { ...step.used, authorship } };
}

function doubtAbout(
  state: WorkflowState | null,
  message: Input,
  { signedBy }: Authorship,
  { livenessWindowMs }: Timings,
): Doubt | null {
  if (signedBy === REGISTRY_SIGNER) return null;
  switch (message.eventType) {
    case 'REGISTER_NODE':
      return foreign(signedBy);
    case 'DEADLINE_PASSED':
      return state === null ? null : foreign(signedBy);
    case 'NODE_INTROSPECTION':
      if (introducesItself(state, message)) return signedBy === null ? 'unsigned' : null;
      return doubtAboutNode(state, signedBy);
    case 'NODE_HEARTBEAT':
      if (signedBy === null) return 'unsigned';
      return isFresh(message, livenessWindowMs) ? doubtAboutNode(state, signedBy) : 'stale';
    case 'DEREGISTER_NODE':
    case 'NODE_REGISTRATION_ACKED':
      return doubtAboutNode(state, signedBy);
    default:
      return null;
  }
}

/** Of a node that is not known there is nothing to protect, and nothing happens. */
function doubtAboutNode(state: WorkflowState | null, signedBy: string | null): Doubt | null {
  return state === null || (signedBy !== null && signedBy === state.publicKey) ? null : foreign(signedBy);
}

function foreign(signedBy: string | null): Doubt {
  return signedBy === null ? 'unsigned' : 'wrong_key';
}

/** A node of which no key is known says what it is: with its key, if it has one. A goodbye is no introduction. */
function introducesItself(state: WorkflowState | null, message: Input): boolean {
  return (
    state?.publicKey === undefined &&
    message.eventType === 'NODE_INTROSPECTION' &&
    message.payload.reason !== 'shutdown'
  );
}

/** The node hears that it has to sign, where nobody else can be meant. */
function isAnswered(state: WorkflowState | null, message: Input, doubt: Doubt): boolean {
  return doubt === 'unsigned' && introducesItself(state, message);
}
