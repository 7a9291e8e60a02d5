import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, encode, type Input } from '../../src/messages/index.js';
import { tryInputs } from './inputs.js';
import { ORCHESTRATOR, REDUCER, type Subject } from './machines.js';
import { PLANTS, type Plant } from './plants.js';
import { PoisonedGlobals } from './poisoned-globals.js';

const poison = new PoisonedGlobals();
const SEED = 20261121;
/** Few, and enough to catch every plant. */
const INPUTS = 300;

/** The same handler, which does something else before, and says what came of it. */
function planted<S, M, C, P extends object>(decide: (state: S | null, message: M, context: C) => P, plant: Plant) {
  return (state: S | null, message: M, context: C): P => {
    const extra = plant(state as Record<string, unknown> | null, message as Input);
    return { ...decide(state, message, context), extra };
  };
}

describe.each(Object.entries(PLANTS))('the gate catches a handler that %s', (_name, { plant, as }) => {
  it('in the orchestrator', () => {
    const decide = planted(ORCHESTRATOR.decide, plant);
    expect(() => tryInputs(poison, ORCHESTRATOR, { inputs: INPUTS, seed: SEED, decide })).toThrow(as);
  });

  it('in the reducer', () => {
    const decide = planted(REDUCER.decide, plant);
    expect(() => tryInputs(poison, REDUCER, { inputs: INPUTS, seed: SEED, decide })).toThrow(as);
  });
});

describe('the gate', () => {
  it('lets through what depends on nothing else', () => {
    const decide = planted(REDUCER.decide, () => [
      new Date(Date.parse('2026-11-21T10:00:00Z')).toISOString(),
      Math.max(1, 2),
      /a/.test('a') && new RegExp('a').test('a'),
      ['b', 'a'].sort(),
      new Error('not thrown').message,
      new Map([['a', 1]]).size,
    ]);
    expect(tryInputs(poison, REDUCER, { inputs: INPUTS, seed: SEED, decide }).inputs).toBeGreaterThanOrEqual(INPUTS);
  });

  it('leaves the world as it is outside of handlers', () => {
    expect(Date.now()).toBeGreaterThan(Date.parse('2026-01-01'));
    expect([typeof Math.random(), typeof process.pid, typeof (5).toLocaleString()]).toEqual([
      'number',
      'number',
      'string',
    ]);
    expect(() => poison.during(() => Date.now())).toThrow('uses Date.now');
    expect(new Date()).toBeInstanceOf(Date);
  });
});

describe.each([ORCHESTRATOR, REDUCER])('the inputs of the $name', (subject) => {
  it.each(Object.keys(subject.drafts))('are real: %s comes back from the wire as it is', (type) => {
    const messages = fc.sample(lifeEndingWith(subject as unknown as AnySubject, type), { numRuns: 50, seed: SEED });
    for (const message of messages) {
      const { appendedAt, ...sent } = message;
      expect(decodeText(encode(sent))).toMatchObject({ ok: true, message: sent });
      expect(Number.isInteger(appendedAt)).toBe(true);
    }
  });
});

type Rule = { readonly rule: string; readonly state: { readonly status: string } | null };
type AnySubject = Subject<unknown, Input, unknown, Rule, unknown, unknown, unknown>;

/** Messages of one type, each said to a node that has lived before. */
function lifeEndingWith(subject: AnySubject, type: string): fc.Arbitrary<Input> {
  return fc
    .tuple(fc.array(subject.draft, { maxLength: 10 }), subject.drafts[type]!, subject.around)
    .map(([drafts, last, around]) => {
      const end = drafts.reduce((at: unknown, draft, index) => {
        const input = subject.inputOf(draft, index + 1, at, around);
        return subject.next(at, input, subject.decide(input.state, input.message, input.context));
      }, subject.start);
      return subject.inputOf(last, 50, end, around).message;
    });
}
