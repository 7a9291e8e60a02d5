import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../src/runtime/drift/backend-audit.js';
import { decidedBy, HELD_REASONS, heldText, type HeldReason } from '../../src/runtime/drift/held-reasons.js';
import {
  judgeRepairs,
  MIN_LARGE_SHARE,
  SETTLING_MS,
  type Asker,
  type View,
} from '../../src/runtime/drift/judge-repairs.js';

const GOOD: View = {
  cutOff: null,
  hasRecord: true,
  servingForMs: SETTLING_MS,
  behind: [],
  compared: 1000,
  manyMissingForMs: null,
};
const AUTO = { repair: 'auto', maxShare: 0.2 } as const;

function finding(change: Partial<Finding> = {}): Finding {
  return {
    nodeId: 'node-1',
    drift: 'altered',
    revision: 3,
    foundRevision: 3,
    differences: ['tags'],
    entry: null,
    ...change,
  };
}

function many(count: number, change: Partial<Finding>): readonly Finding[] {
  return Array.from({ length: count }, (_, n) => finding({ nodeId: `node-${n}`, ...change }));
}

const ENTRY = { consulNode: 'rollcall-0a', serviceId: 'onex-effect-node-1', serviceName: 'onex-effect' };
const GHOST: Partial<Finding> = { drift: 'ghost', revision: null, foundRevision: 1, entry: ENTRY };

/** Why the findings are held, or `repaired`, by number. */
function verdicts(
  findings: readonly Finding[],
  { view = {}, rules = {}, asker = 'automatic' }: { view?: Partial<View>; rules?: object; asker?: Asker } = {},
): Readonly<Record<string, number>> {
  const { repair, held } = judgeRepairs(findings, { ...GOOD, ...view }, { ...AUTO, ...rules }, asker);
  return Object.fromEntries([
    ...(repair.length > 0 ? [['repaired', repair.length] as const] : []),
    ...[...held].map(([reason, { length }]) => [reason, length] as const),
  ]);
}

describe('what may be repaired', () => {
  it.each(['missing', 'altered', 'ghost'] as const)('repairs %s entries by itself', (drift) => {
    expect(verdicts([finding({ drift, entry: ENTRY })])).toEqual({ repaired: 1 });
  });

  it('never has anything to do with foreign entries, by force either', () => {
    const foreign = [finding({ drift: 'foreign', revision: null, entry: ENTRY })];
    for (const asker of ['automatic', 'operator', 'operator_by_force'] as const) {
      expect(verdicts(foreign, { asker })).toEqual({});
    }
  });

  const incomplete: readonly (readonly [HeldReason, Partial<View>])[] = [
    ['cut_off', { cutOff: 'Consul does not answer' }],
    ['no_record', { hasRecord: false }],
    ['not_serving', { servingForMs: null }],
    ['settling', { servingForMs: SETTLING_MS - 1 }],
    ['behind', { behind: ['reducer of evt.registry-effect-result.v1'] }],
  ];
  it.each(incomplete)('is held as %s whoever asks', (reason, view) => {
    for (const asker of ['automatic', 'operator', 'operator_by_force'] as const) {
      expect(verdicts([finding(), finding({ drift: 'missing' })], { view, asker })).toEqual({ [reason]: 2 });
    }
  });

  it('leaves it to operators where that is wanted', () => {
    expect(verdicts([finding()], { rules: { repair: 'manual' } })).toEqual({ manual: 1 });
    expect(verdicts([finding()], { rules: { repair: 'manual' }, asker: 'operator' })).toEqual({ repaired: 1 });
  });

  it('has nothing to repair an unknown node with', () => {
    const unknown = [finding({ drift: 'ghost', revision: null })];
    expect(verdicts(unknown, { asker: 'operator_by_force' })).toEqual({ unknown_node: 1 });
    expect(verdicts([finding(GHOST)])).toEqual({ repaired: 1 });
  });

  it('asks before it overwrites what is newer than its own record', () => {
    const newer = [finding({ foundRevision: 4 }), finding()];
    expect(verdicts(newer)).toEqual({ newer_than_desired: 1, repaired: 1 });
    expect(verdicts(newer, { asker: 'operator' })).toEqual({ newer_than_desired: 1, repaired: 1 });
    expect(verdicts(newer, { asker: 'operator_by_force' })).toEqual({ repaired: 2 });
  });

  describe('a large share of altered entries and ghosts', () => {
    const half = [...many(150, { drift: 'altered' }), ...many(51, GHOST)];

    it('is held until an operator says force, and what is missing is not', () => {
      const findings = [...half, finding({ drift: 'missing' })];
      expect(verdicts(findings)).toEqual({ too_many_differ: 201, repaired: 1 });
      expect(verdicts(findings, { asker: 'operator' })).toEqual({ too_many_differ: 201, repaired: 1 });
      expect(verdicts(findings, { asker: 'operator_by_force' })).toEqual({ repaired: 202 });
    });

    it('is more than the share', () => {
      expect(verdicts(half.slice(1))).toEqual({ repaired: 200 });
      expect(verdicts(half, { view: { compared: 1005 } })).toEqual({ repaired: 201 });
      expect(verdicts(half, { rules: { maxShare: 0.21 } })).toEqual({ repaired: 201 });
    });

    it('is never made of a few', () => {
      const few = many(MIN_LARGE_SHARE - 1, { drift: 'altered' });
      expect(verdicts(few, { view: { compared: few.length } })).toEqual({ repaired: few.length });
      const enough = many(MIN_LARGE_SHARE, { drift: 'altered' });
      expect(verdicts(enough, { view: { compared: enough.length } })).toEqual({ too_many_differ: enough.length });
    });

    it('may be all that there is', () => {
      expect(verdicts(many(60, GHOST), { view: { compared: 0 } })).toEqual({ too_many_differ: 60 });
    });
  });

  describe('a large share that is missing', () => {
    const lost = many(1000, { drift: 'missing', foundRevision: null });

    it('is written again once a second look still misses it', () => {
      expect(verdicts(lost)).toEqual({ many_missing: 1000 });
      expect(verdicts(lost, { view: { manyMissingForMs: 0 } })).toEqual({ many_missing: 1000 });
      expect(verdicts(lost, { view: { manyMissingForMs: SETTLING_MS - 1 } })).toEqual({ many_missing: 1000 });
      expect(verdicts(lost, { view: { manyMissingForMs: SETTLING_MS } })).toEqual({ repaired: 1000 });
    });

    it('is at once where an operator asks, without force', () => {
      expect(verdicts(lost, { asker: 'operator' })).toEqual({ repaired: 1000 });
    });

    it('keeps nothing else waiting', () => {
      expect(verdicts([...lost, finding()])).toEqual({ many_missing: 1000, repaired: 1 });
    });
  });

  it('judges every finding of ours, once', () => {
    const kinds = fc.constantFrom('missing', 'altered', 'ghost', 'foreign');
    const anyFinding = fc.record({
      drift: kinds,
      revision: fc.option(fc.nat(5)),
      foundRevision: fc.option(fc.nat(5)),
      entry: fc.constantFrom(null, ENTRY),
    });
    const anyView = fc.record({
      servingForMs: fc.option(fc.nat(2 * SETTLING_MS)),
      compared: fc.nat(400),
      manyMissingForMs: fc.option(fc.nat(2 * SETTLING_MS)),
      cutOff: fc.constantFrom(null, null, 'gone'),
    });
    const askers = fc.constantFrom<Asker>('automatic', 'operator', 'operator_by_force');
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 120 }), anyView, askers, (found, view, asker) => {
        const findings = found.map((change, n) => finding({ nodeId: `node-${n}`, ...change }));
        const { repair, held } = judgeRepairs(findings, { ...GOOD, ...view }, AUTO, asker);
        const judged = [...repair, ...[...held.values()].flat()].map(({ nodeId }) => nodeId);
        const ours = findings.filter(({ drift }) => drift !== 'foreign').map(({ nodeId }) => nodeId);
        expect(judged.sort()).toEqual(ours.sort());
        if (view.servingForMs === null || view.servingForMs < SETTLING_MS || view.cutOff !== null) {
          expect(repair).toEqual([]);
        }
      }),
    );
  });

  it('says in words what each reason means, and who has to decide', () => {
    for (const reason of HELD_REASONS) expect(heldText(reason)).not.toBe('');
    expect(HELD_REASONS.filter((reason) => decidedBy(reason) === 'operator')).toEqual([
      'manual',
      'newer_than_desired',
      'too_many_differ',
    ]);
  });
});
