import { describe, expect, it } from '@jest/globals';
import { SLOT_MS, Wheel } from '../../src/runtime/deadlines/wheel.js';

describe('the wheel', () => {
  it('gives what has fallen due, once, the longest overdue first, and never early', () => {
    const wheel = new Wheel<string>();
    wheel.add('later', 5 * SLOT_MS + 1);
    wheel.add('late', 3 * SLOT_MS);
    wheel.add('overdue', -70 * SLOT_MS);
    wheel.add('with it', 2 * SLOT_MS + 1);
    expect(wheel.nextAt).toBe(-70 * SLOT_MS);
    expect(wheel.take(3 * SLOT_MS - 1)).toEqual(['overdue']);
    expect(wheel.nextAt).toBe(3 * SLOT_MS);
    expect(wheel.take(3 * SLOT_MS)).toEqual(['late', 'with it']);
    expect(wheel.take(6 * SLOT_MS - 1)).toEqual([]);
    expect(wheel.take(60 * SLOT_MS)).toEqual(['later']);
    expect([wheel.take(Infinity), wheel.nextAt]).toEqual([[], Infinity]);
  });
});
