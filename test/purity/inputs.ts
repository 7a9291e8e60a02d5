import fc from 'fast-check';
import { machineOf } from '../support/table.js';
import { contractOf } from '../support/contracts.js';
import { decidedPurely, type Decide } from './gate.js';
import type { Subject } from './machines.js';
import type { PoisonedGlobals } from './poisoned-globals.js';

/** What went through the gate. */
export type Tried = {
  readonly inputs: number;
  readonly rules: ReadonlySet<string>;
  /** `state message`, of the contract's table. */
  readonly pairs: ReadonlySet<string>;
};

type AnyStep = { readonly rule: string; readonly state: { readonly status: string } | null };

const LIFE = 60;
/** What fast-check makes of `LIFE` on average, at least. */
const LIVED = 25;
/** States that are kept of each status, for messages that come out of the blue. */
const KEPT = 200;

/**
 * Sends at least `inputs` through the gate: half of them the messages of lives, each folded from empty, so that every state is one
 * that can be; half of them any message in any state that a life has reached, for every pair of the contract's table.
 * Throws an Error with the input, and the seed, when there is an impurity.
 */
export function tryInputs<
  S extends { readonly status: string },
  M extends { readonly eventType: string },
  C,
  P extends AnyStep,
  At,
  Draft,
  Around,
>(
  poison: PoisonedGlobals,
  subject: Subject<S, M, C, P, At, Draft, Around>,
  { inputs, seed, decide = subject.decide }: { inputs: number; seed: number; decide?: Decide<S, M, C, P> },
): Tried {
  const machine = machineOf(contractOf(subject.name));
  const reached = new Map<string, At[]>([[machine.initial, [subject.start]]]);
  const rules = new Set<string>();
  const pairs = new Set<string>();
  let tried = 0;

  const take = (draft: Draft, n: number, at: At, around: Around): At => {
    const input = subject.inputOf(draft, n, at, around);
    const step = decidedPurely(poison, decide, input);
    tried += 1;
    rules.add(step.rule);
    pairs.add(`${input.state?.status ?? machine.initial} ${input.message.eventType}`);
    const next = subject.next(at, input, step);
    keep(reached, step.state?.status ?? machine.initial, next);
    return next;
  };

  const lives = fc.property(
    fc.array(subject.draft, { minLength: 1, maxLength: LIFE, size: 'max' }),
    subject.around,
    (drafts, around) => {
      drafts.reduce((at, draft, index) => take(draft, index + 1, at, around), subject.start);
    },
  );
  fc.assert(lives, { numRuns: Math.ceil(inputs / 2 / LIVED), seed, includeErrorInReport: true });

  const each = Math.ceil(inputs / 2 / (machine.states.length * Object.keys(subject.drafts).length));
  for (const status of machine.states) {
    const states = reached.get(status) ?? [];
    if (states.length === 0) throw new Error(`no life reached ${status}`);
    for (const drafts of Object.values(subject.drafts)) {
      const outOfTheBlue = fc.property(fc.nat(states.length - 1), drafts, subject.around, (index, draft, around) => {
        take(draft, LIFE + 1, states[index]!, around);
      });
      fc.assert(outOfTheBlue, { numRuns: each, seed, includeErrorInReport: true });
    }
  }
  return { inputs: tried, rules, pairs };
}

function keep<At>(reached: Map<string, At[]>, status: string, at: At): void {
  const kept = reached.get(status);
  if (kept === undefined) reached.set(status, [at]);
  else if (kept.length < KEPT) kept.push(at);
}
