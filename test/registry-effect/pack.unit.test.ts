import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pack, type Size } from '../../src/registry-effect/resilience/pack.js';

const LIMITS = { maxCount: 64, maxBytes: 1_000 };
const size = fc.record({ count: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 1_500 }) });

describe('pack', () => {
  it('keeps every item once, and every bin within the limits unless one item alone exceeds them', () => {
    fc.assert(
      fc.property(fc.array(size, { maxLength: 300 }), (items) => {
        const bins = pack(items, (item) => item, LIMITS);
        expect(new Set(bins.flat())).toEqual(new Set(items));
        expect(bins.flat()).toHaveLength(items.length);
        for (const bin of bins) {
          const total = (of: keyof Size): number => bin.reduce((sum, item) => sum + item[of], 0);
          const fits = total('count') <= LIMITS.maxCount && total('bytes') <= LIMITS.maxBytes;
          expect(fits || bin.length === 1).toBe(true);
        }
      }),
    );
  });

  it('fills bins to the last place', () => {
    const items = Array.from({ length: 500 }, () => ({ count: 2, bytes: 1 }));
    expect(pack(items, (item) => item, LIMITS).map((bin) => bin.length)).toEqual([...Array(15).fill(32), 20]);
  });

  it('puts a small item into the gap that a larger one left', () => {
    const items = [63, 5, 1].map((count) => ({ count, bytes: 1 }));
    expect(pack(items, (item) => item, LIMITS)).toEqual([[items[0], items[2]], [items[1]]]);
  });
});
