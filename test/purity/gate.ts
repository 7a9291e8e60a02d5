import { deepFreeze } from '../support/given.js';
import type { PoisonedGlobals } from './poisoned-globals.js';

/** Everything that a decision may rest on. */
export type DecisionInput<S, M, C> = { readonly state: S | null; readonly message: M; readonly context: C };

export type Decide<S, M, C, P> = (state: S | null, message: M, context: C) => P;

/** A handler used something else than its input, changed it, or answered it in two ways. */
export class Impurity extends Error {}

/**
 * Lets `decide` answer one input three times, with poisoned globals: twice as it is, frozen to the bottom, and once after it went
 * through JSON, as it does through journal and log. All three answers have to be the same to the byte, the order of keys
 * included. Returns the answer; throws {@link Impurity}.
 */
export function decidedPurely<S, M, C, P>(
  poison: PoisonedGlobals,
  decide: Decide<S, M, C, P>,
  input: DecisionInput<S, M, C>,
): P {
  const frozen = deepFreeze(input);
  const step = answer(poison, decide, frozen, 'the first time');
  const text = JSON.stringify(step);
  const again = JSON.stringify(answer(poison, decide, frozen, 'the second time'));
  if (again !== text) throw impurity(input, `answers ${text}, and the second time ${again}`);
  const stored = deepFreeze(JSON.parse(JSON.stringify(input)) as DecisionInput<S, M, C>);
  const replayed = JSON.stringify(answer(poison, decide, stored, 'after storage'));
  if (replayed !== text) throw impurity(input, `answers ${text}, and after storage ${replayed}`);
  return step;
}

function answer<S, M, C, P>(
  poison: PoisonedGlobals,
  decide: Decide<S, M, C, P>,
  input: DecisionInput<S, M, C>,
  when: string,
): P {
  try {
    return poison.during(() => decide(input.state, input.message, input.context));
  } catch (error) {
    throw impurity(input, `${when}: ${String(error)}`);
  }
}

function impurity(input: DecisionInput<unknown, unknown, unknown>, problem: string): Impurity {
  return new Impurity(`${problem}\ninput: ${JSON.stringify(input)}`);
}
