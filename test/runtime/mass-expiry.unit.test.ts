import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isHarmless, judgeMassExpiry, remainingShareOfSilent } from '../../src/runtime/deadlines/mass-expiry.js';
import { TIMINGS } from '../support/workflow.js';

const USUAL = { share: 0.3, minNodes: 10 };

function holds(live: number, silent: number, expired = 0, options = USUAL): boolean {
  return judgeMassExpiry({ live, silent, expired }, options).hold;
}

describe('mass expiry', () => {
  it('is more than the share of the fleet, and not the share itself', () => {
    expect(holds(100, 30)).toBe(false);
    expect(holds(100, 31)).toBe(true);
  });

  it('is exact at the share, whatever that is', () => {
    const percents = Array.from({ length: 99 }, (_, n) => n + 1);
    const held = (more: number) => percents.map((p) => holds(100, p + more, 0, { share: p / 100, minNodes: 1 }));
    expect(new Set(held(0))).toEqual(new Set([false]));
    expect(new Set(held(1))).toEqual(new Set([true]));
  });

  it('counts those that expired lately on both sides', () => {
    expect(holds(80, 10, 20)).toBe(false);
    expect(holds(80, 11, 20)).toBe(true);
    expect(judgeMassExpiry({ live: 80, silent: 11, expired: 20 }, USUAL)).toEqual({
      hold: true,
      expiring: 31,
      live: 100,
    });
  });

  it('is out of the question where the most that can be silent is half of the share, or less than the minimum', () => {
    const isLittle = (live: number, silent: number, expired = 0) => isHarmless({ live, silent, expired }, USUAL);
    expect([isLittle(100, 15), isLittle(100, 16), isLittle(85, 0, 15), isLittle(83, 0, 17)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([isLittle(9, 9), isLittle(10, 10), isLittle(0, 0)]).toEqual([true, false, true]);
  });

  it('never holds back fewer nodes than the minimum, whatever their share', () => {
    expect(holds(9, 9)).toBe(false);
    expect(holds(10, 10)).toBe(true);
    expect(holds(0, 0)).toBe(false);
  });

  it('is switched off by a share of one', () => {
    const count = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(count, count, count, (talking, silent, expired) => {
        expect(holds(talking + silent, silent, expired, { share: 1, minNodes: 1 })).toBe(false);
      }),
    );
  });
});

describe('what counts as silent', () => {
  it('is two missed beats', () => {
    expect(remainingShareOfSilent({ ...TIMINGS, heartbeatIntervalMs: 10_000, livenessWindowMs: 30_000 })).toBeCloseTo(
      1 / 3,
    );
    expect(remainingShareOfSilent({ ...TIMINGS, heartbeatIntervalMs: 10_000, livenessWindowMs: 40_000 })).toBe(0.5);
  });

  it('is only who is overdue, where the window has no room for two', () => {
    expect(remainingShareOfSilent({ ...TIMINGS, heartbeatIntervalMs: 10_000, livenessWindowMs: 15_000 })).toBe(0);
  });
});

/**
 * Deadlines of a fleet, by number of node, `sinceMs` after a part of it was cut off. Everybody beats every interval, each with a
 * phase of its own and off by its jitter; a beat arms the deadline for a whole window.
 */
type Fleet = { readonly talking: readonly Beat[]; readonly cutOff: readonly Beat[] };
type Beat = { readonly phase: number; readonly jitter: number };

const TIMES = { ...TIMINGS, heartbeatIntervalMs: 10_000, livenessWindowMs: 30_000 };
const MAX_JITTER = 0.2;

const beat = fc.record({
  phase: fc.double({ min: 0, max: 1, noNaN: true }),
  jitter: fc.double({ min: 0, max: MAX_JITTER, noNaN: true }),
});

/** When the last beat before the moment was; the moments are counted from the cut. */
function lastBeat({ phase, jitter }: Beat, atMs: number): number {
  return atMs - phase * TIMES.heartbeatIntervalMs * (1 + jitter);
}

/** How the fleet looks at the moment when the first node that was cut off is due. */
function whenFirstIsDue({ talking, cutOff }: Fleet) {
  const windowMs = TIMES.livenessWindowMs;
  const dueAt = Math.min(...cutOff.map((node) => lastBeat(node, 0))) + windowMs;
  const deadlines = [
    ...talking.map((node) => lastBeat(node, dueAt) + windowMs),
    ...cutOff.map((node) => lastBeat(node, 0) + windowMs),
  ];
  const remaining = windowMs * remainingShareOfSilent(TIMES);
  return { live: deadlines.length, silent: deadlines.filter((at) => at <= dueAt + remaining).length, expired: 0 };
}

describe('a whole partition that falls silent', () => {
  it('is seen before its first node expires, and the talking rest is not blamed', () => {
    const fleet = fc.record({
      talking: fc.array(beat, { minLength: 0, maxLength: 100 }),
      // Beats spread over their interval, as those of many nodes do.
      cutOff: fc
        .array(beat, { minLength: 60, maxLength: 120 })
        .map((nodes) => nodes.map((node, index) => ({ ...node, phase: index / nodes.length }))),
    });
    fc.assert(
      fc.property(fleet, ({ talking, cutOff }) => {
        const silence = whenFirstIsDue({ talking, cutOff });
        // Off by 20 %, the earliest is due before the latest fifth has missed two beats.
        expect(silence.silent).toBeGreaterThanOrEqual(cutOff.length * 0.75);
        expect(silence.silent).toBeLessThanOrEqual(cutOff.length);
        if (cutOff.length >= silence.live / 2) expect(judgeMassExpiry(silence, USUAL).hold).toBe(true);
      }),
    );
  });

  it('is let go where it is a small part of the fleet', () => {
    const spread = (count: number): Beat[] =>
      Array.from({ length: count }, (_, n) => ({ phase: n / count, jitter: 0 }));
    expect(judgeMassExpiry(whenFirstIsDue({ talking: spread(90), cutOff: spread(10) }), USUAL).hold).toBe(false);
    expect(judgeMassExpiry(whenFirstIsDue({ talking: spread(60), cutOff: spread(40) }), USUAL).hold).toBe(true);
  });
});
