import { advance, ignore, take } from '../rules.js';
import type { Handler } from '../state.js';
import { isCurrent, outOfPlace } from './progress.js';

/** The first backend has confirmed: the second gets a bounded time before the node is accepted without it. */
export const registrationPartial: Handler<'REGISTRATION_PARTIAL'> = (state, message, context) => {
  const { kind, confirmed, revision } = message.payload;
  if (state?.status !== 'pending_registration' || kind !== 'register' || !isCurrent(state, message)) {
    return ignore(outOfPlace(state, message), state, message);
  }
  return take('await_other_backend', {
    state: {
      ...advance(state, message),
      consulRegistered: confirmed.includes('consul'),
      postgresRegistered: confirmed.includes('postgres'),
      revision,
    },
    outputs: [],
    deadline: { kind: 'degraded', afterMs: context.timings.degradedAcceptAfterMs },
    used: { timings: context.timings },
  });
};
