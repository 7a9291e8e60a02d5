import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Latencies, percentile } from '../../src/fleet/latencies.js';
import { Schedule } from '../../src/fleet/schedule.js';

describe('percentiles', () => {
  it('are nearest rank', () => {
    const latencies = new Latencies();
    for (let value = 1000; value >= 1; value -= 1) latencies.add(value);
    expect(latencies.summary()).toEqual({ p50: 500, p90: 900, p99: 990, max: 1000 });
  });

  it('of one value are that value, of none null', () => {
    expect(percentile(Float64Array.of(7), 1)).toBe(7);
    expect(new Latencies().summary()).toEqual({ p50: null, p90: null, p99: null, max: null });
  });

  it('leave the promised share at or below', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = Float64Array.from(values).sort();
        const value = percentile(sorted, percent) ?? NaN;
        expect(values.filter((other) => other <= value).length / values.length).toBeGreaterThanOrEqual(percent / 100);
      }),
    );
  });
});

describe('the open loop', () => {
  it('begins with the first node, and goes on at its rate whatever happens', () => {
    const schedule = new Schedule(10, 50, 1000);
    expect([999, 1000, 1019, 1020, 1040, 5000].map((now) => schedule.due(now))).toEqual([0, 1, 1, 2, 3, 10]);
  });

  it('never has a node due before its time, nor forgets one', () => {
    const rates = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(rates, fc.double({ min: 0, max: 1e5, noNaN: true }), (rate, now) => {
        const schedule = new Schedule(1_000_000, rate, 0);
        const due = schedule.due(now);
        expect(schedule.dueAt(due - 1)).toBeLessThanOrEqual(now + 1e-6);
        if (due < 1_000_000) expect(schedule.dueAt(due)).toBeGreaterThan(now - 1e-6);
      }),
    );
  });
});
