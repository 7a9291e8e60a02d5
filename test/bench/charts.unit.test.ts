import { describe, expect, it } from '@jest/globals';
import { draw } from '../../src/bench/report/chart/draw.js';
import { linear, ticksFor } from '../../src/bench/report/chart/scale.js';
import type { Chart } from '../../src/bench/scenario.js';
import { problemIn } from './well-formed.js';

const BARS: Chart = {
  file: 'a.svg',
  title: 'CPU & memory <of> "all"',
  xLabel: 'process',
  yLabel: 'seconds',
  kind: 'bar',
  series: [
    { name: 'stub', points: [['registry', 0.1], ['kafka', 0.2]] }, // prettier-ignore
    { name: 'ours', points: [['registry', 0.3], ['kafka', 0.05]] }, // prettier-ignore
  ],
};
const CURVES: Chart = {
  ...BARS,
  kind: 'line',
  series: [
    { name: 'heap', points: Array.from({ length: 100 }, (_, index) => [index * 10, 200 + (index % 7)] as const) },
    { name: 'gap', points: [[0, 1], [5, NaN], [10, 3]] }, // prettier-ignore
  ],
};
const CATEGORIES: Chart = { ...BARS, kind: 'line' };
const EMPTY: Chart = { ...CURVES, series: [] };

describe.each(Object.entries({ BARS, CURVES, CATEGORIES, EMPTY }))('the chart %s', (_name, chart) => {
  const text = draw(chart);

  it('is well-formed', () => {
    expect(problemIn(text)).toBeUndefined();
  });

  it('says what it shows', () => {
    expect(text).toContain('CPU &amp; memory &lt;of&gt;');
    for (const words of [chart.xLabel, chart.yLabel, ...chart.series.map(({ name }) => name)]) {
      expect(text).toContain(`>${words}</text>`);
    }
  });

  it('has no number that is none', () => {
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('stays on its paper', () => {
    for (const [, x] of text.matchAll(/ (?:x|x1|x2|cx)="(-?[\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(760);
    for (const [, y] of text.matchAll(/ (?:y|y1|y2|cy)="(-?[\d.]+)"/g)) expect(Number(y)).toBeLessThanOrEqual(400);
    expect(text).not.toMatch(/ (?:x|y|cx|cy|width|height)="-/);
  });
});

describe('bars', () => {
  it('are as high as their values', () => {
    const heights = [...draw(BARS).matchAll(/height="([\d.]+)" fill/g)].map(([, height]) => Number(height));
    // In the order stub registry, stub kafka, ours registry, ours kafka.
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
    expect(heights[2]! / heights[0]!).toBeCloseTo(3, 1);
    expect(heights[3]! / heights[0]!).toBeCloseTo(0.5, 1);
  });
});

describe('scales', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 97, [0, 20, 40, 60, 80, 100]],
    [3, 1234, [0, 500, 1000, 1500]],
    [-5, 5, [-6, -4, -2, 0, 2, 4, 6]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('from %d to %d have round numbers', (min, max, ticks) => {
    expect(ticksFor(min, max, 5)).toEqual(ticks);
  });

  it('put values where they belong', () => {
    const scale = linear([0, 10], [100, 200]);
    expect([scale(0), scale(5), scale(10)]).toEqual([100, 150, 200]);
  });
});

describe('the judge of well-formedness', () => {
  it.each(['<svg><a></svg>', '<svg></a></svg>', '<svg>a < b</svg>', '<svg x="<"/>', '<svg>&nbsp;</svg>', '<svg x=1/>'])(
    'minds %s',
    (xml) => {
      expect(problemIn(xml)).toBeDefined();
    },
  );
});
