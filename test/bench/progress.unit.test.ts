import { describe, expect, it } from '@jest/globals';
import { delays, rateOf } from '../../src/bench/load/progress.js';
import { slopeOf } from '../../src/bench/load/slope.js';

describe('the rate of a backlog', () => {
  it('counts from the first progress to the first sample of the last record', () => {
    const samples = [
      { at: 0, count: 40 }, // what was there before
      { at: 5000, count: 40 }, // the group is being joined
      { at: 6000, count: 100 },
      { at: 7000, count: 600 },
      { at: 8000, count: 2100 },
      { at: 9000, count: 2100 },
    ];
    expect(rateOf(samples)).toBe(1000);
  });

  it.each([
    ['nothing', []],
    ['no progress', [{ at: 0, count: 3 }, { at: 9, count: 3 }]], // prettier-ignore
    ['all at once', [{ at: 0, count: 0 }, { at: 9, count: 3 }]], // prettier-ignore
  ])('is unknown of %s', (_what, samples) => {
    expect(rateOf(samples)).toBeNull();
  });
});

describe('how old the oldest record is that is not done', () => {
  const appended = [0, 100, 200, 300, 400].map((at) => ({ at, count: at }));

  it.each([
    ['all are', 400, 400, 0],
    ['what came last is not', 399, 400, 100],
    ['what came first is not', 50, 400, 400],
    ['nothing is', 0, 300, 300],
    ['more are than were seen to come', 500, 400, 0],
    ['what is not done came only afterwards', 200, 200, 0],
  ])('when %s', (_when, count, at, expected) => {
    expect(delays(appended, [{ at, count }])).toEqual([expected]);
  });

  it('goes through the samples in order', () => {
    const done = [100, 200, 300, 400].map((at) => ({ at, count: at - 100 }));
    expect(delays(appended, done)).toEqual([100, 100, 100, 100]);
  });
});

describe('the slope of a line', () => {
  it('is that of the points', () => {
    expect(slopeOf([[0, 5], [1, 7], [2, 9]])).toBe(2); // prettier-ignore
    expect(slopeOf([[0, 1], [1, -1], [2, 1], [3, -1]])).toBeCloseTo(-0.4); // prettier-ignore
  });

  it('is unknown of one point', () => {
    expect(slopeOf([[3, 4]])).toBeNaN();
  });
});
