import { statusOf } from './answers.js';
import { withType } from './desire.js';
import { intentsFor, removeFromConsul } from './intents.js';
import { ignore, take } from './rules.js';
import { IDLE, type Backend, type Desired, type Drift, type ReducerState, type Removal, type Step } from './state.js';

/**
 * A backend does not hold what it has confirmed. What the audit judged by has to be what is desired now, and confirmed: else a newer
 * intent is on its way, and settles it.
 */
export function repair(before: ReducerState | null, message: Drift): Step {
  const { backend, drift, revision, entry } = message.payload;
  const desired = before?.desired ?? null;
  if ((desired?.revision ?? null) !== revision) return ignore('stale', before, message);
  if (before !== null && desired !== null && before[backend].confirmed !== desired.revision) {
    return ignore('stale', before, message);
  }
  if (drift === 'ghost' && entry !== null) {
    const attemptId = desired?.attemptId ?? message.eventId;
    const removal = removeFromConsul(message.payload.nodeId, { attemptId, revision: revision ?? 0, ...entry });
    return take('remove_ghost', before, before ?? IDLE, [removal], message);
  }
  if (before === null || desired === null) return ignore('unknown_node', before, message);
  return reassert(before, desired, message);
}

/** A ghost is gone; nobody waits to hear of it. */
export function noteRemoval(before: ReducerState | null, message: Removal): Step {
  if (before === null) return ignore('unknown_node', before, message);
  return take('note_removal', before, before, [], message);
}

/**
 * The backend is asked again for the revision that it lost: what it confirmed counts no longer. An entry with a higher revision than
 * any of ours would fence that off, so the desired revision rises above it, in both backends.
 */
function reassert(before: ReducerState, desired: Desired, message: Drift): Step {
  const { backend, foundRevision } = message.payload;
  const overtakes = foundRevision !== null && foundRevision > desired.revision;
  const asked: Desired = overtakes ? { ...desired, revision: foundRevision + 1 } : desired;
  const unconfirmed: ReducerState = {
    ...before,
    desired: asked,
    [backend]: { confirmed: 0, failure: null },
    consulTypes: withType(before, asked),
  };
  const state: ReducerState = { ...unconfirmed, status: statusOf(unconfirmed, asked) };
  const intents = intentsFor(state, asked, before, 'record').filter(
    ({ eventType }) => overtakes || eventType === INTENTS[backend],
  );
  return take('reassert', before, state, intents, message);
}

const INTENTS = { consul: 'CONSUL_INTENT', postgres: 'POSTGRES_INTENT' } as const satisfies Record<Backend, string>;
