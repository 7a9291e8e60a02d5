import { describe, expect, it } from '@jest/globals';
import { cpuPerThousand, median, pairedRatio, percentile, spreadOf } from '../../src/bench/rounds.js';
import type { CpuSeconds } from '../../src/bench/scenario.js';

const cpu = (registry: number): CpuSeconds => ({ registry, kafka: 1, consul: 0, postgres: 0, driver: 0 });

describe('rounds', () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('the middle of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it('there is no middle of nothing', () => {
    expect(() => median([])).toThrow('no median');
  });

  it('tells from where to where they went', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
  });

  it.each([
    [50, 50],
    [90, 90],
    [99, 99],
    [100, 100],
    [0, 1],
  ])('percentile %d of 1 to 100 is %d, in whatever order they came', (percent, value) => {
    const values = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
    expect(percentile(values, percent)).toBe(value);
  });

  it('a percentile of few values is the largest', () => {
    expect(percentile([1, 2, 3], 99)).toBe(3);
    expect(percentile([], 99)).toBeNaN();
  });

  it('takes CPU for 1,000 operations of each round before the middle', () => {
    const rounds = [
      { cpu: cpu(1), operations: 1000 },
      { cpu: cpu(9), operations: 3000 },
      { cpu: cpu(4), operations: 2000 },
    ];
    expect(cpuPerThousand(rounds)).toMatchObject({ registry: 2, kafka: 0.5 });
  });

  it('compares what was measured one after the other', () => {
    // The machine was twice as fast in the second round, for both.
    expect(pairedRatio([40, 80, 40], [100, 200, 100])).toBeCloseTo(0.4);
  });
});
