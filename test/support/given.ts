import { expect } from '@jest/globals';
import type { Input, Output } from '../../src/messages/index.js';

/** What orchestrator and reducer have in common, as a scenario sees it. */
export type AnyStep = {
  readonly rule: string;
  readonly state: unknown;
  readonly path: readonly string[];
  readonly outputs: readonly Output[];
  readonly correlationId: string;
  readonly deadline: unknown;
  readonly ignored: string | null;
  readonly used: unknown;
};

type Expected<S> = {
  readonly rule: string;
  /** Fields of the state after the step. */
  readonly state?: Partial<S>;
} & Partial<Omit<AnyStep, 'rule' | 'state'>>;

export type When<S extends object, M, C, P extends AnyStep> = {
  /** The next message; the one before it must have changed something. */
  when(message: M, context?: Partial<C>): When<S, M, C, P>;
  /** Compares the last step: exactly what is named; outputs are none unless named. */
  then(expected: Expected<S>): void;
  /** What the next scenario starts from. */
  readonly step: P;
};

/** Scenarios for one machine: `given(state).when(message, context).then({ ... })`. Everything that goes in is frozen. */
export function scenarios<S extends object, M, C extends object, P extends AnyStep>(
  decide: (state: S | null, message: M, context: C) => P,
  defaults: C,
): (state: S | null) => Pick<When<S, M, C, P>, 'when'> {
  const after = (step: P): When<S, M, C, P> => ({
    when: (message, context) => {
      if (step.ignored !== null) throw new Error(`${step.rule}: the message before had no effect`);
      return take(step.state as S | null, message, context);
    },
    then: ({ state, ...expected }) => {
      expect(step).toEqual(expect.objectContaining({ outputs: [], ...expected }));
      if (state !== undefined) expect(step.state).toEqual(expect.objectContaining(state));
    },
    step,
  });
  const take = (state: S | null, message: M, context: Partial<C> = {}): When<S, M, C, P> =>
    after(decide(deepFreeze(state), deepFreeze(message), deepFreeze({ ...defaults, ...context })));
  return (state) => ({ when: (message, context) => take(state, message, context) });
}

/** The same value, which from now on throws when somebody writes to it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

export type { Input };
