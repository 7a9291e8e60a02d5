import type { Chart } from '../../scenario.js';
import { tickText } from '../table.js';
import { AREA, colourOf, framed, verticalScale } from './frame.js';
import { linear, ticksFor } from './scale.js';
import { element, line, text } from './svg.js';

/** Curves over numbers; where the horizontal values are names, these stand at equal distances. */
export function lineChart(chart: Chart): string {
  const { ticks, y } = verticalScale(chart);
  const { xOf, marks } = horizontalScale(chart);
  const curves = chart.series.flatMap(({ points }, index) => {
    const places = points
      .filter(([, value]) => Number.isFinite(value))
      .map(([x, value]) => [xOf(x), y(value)] as const);
    const path = places
      .map(([left, top], at) => `${at === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`)
      .join('');
    const dots =
      places.length > 40 ? [] : places.map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill: colourOf(index) }));
    return [element('path', { d: path, class: 'curve', stroke: colourOf(index) }), ...dots];
  });
  const labels = marks.flatMap(({ at, name }) => [
    line(at, AREA.bottom, at, AREA.bottom + 5, 'axis'),
    text(at, AREA.bottom + 20, name, { 'text-anchor': 'middle' }),
  ]);
  return framed(chart, ticks, y, [...curves, ...labels]);
}

type Horizontal = {
  readonly xOf: (x: number | string) => number;
  readonly marks: readonly { at: number; name: string }[];
};

function horizontalScale({ series }: Chart): Horizontal {
  const all = series.flatMap(({ points }) => points.map(([x]) => x));
  const numbers = all.filter((x) => typeof x === 'number');
  if (numbers.length === all.length && all.length > 0) {
    const ticks = ticksFor(Math.min(...numbers), Math.max(...numbers), 8);
    const scale = linear([ticks[0] ?? 0, ticks.at(-1) ?? 1], [AREA.left, AREA.right]);
    return { xOf: (x) => scale(Number(x)), marks: ticks.map((tick) => ({ at: scale(tick), name: tickText(tick) })) };
  }
  const names = [...new Set(all.map(String))];
  const scale = linear([-0.5, Math.max(1, names.length) - 0.5], [AREA.left, AREA.right]);
  const xOf = (x: number | string): number => scale(names.indexOf(String(x)));
  return { xOf, marks: names.map((name) => ({ at: xOf(name), name })) };
}
