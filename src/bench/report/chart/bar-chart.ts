import type { Chart } from '../../scenario.js';
import { numberText } from '../table.js';
import { AREA, colourOf, framed, verticalScale } from './frame.js';
import { element, text } from './svg.js';

/** Groups of bars: one group for each name on the horizontal axis, in it one bar for each series. */
export function barChart(chart: Chart): string {
  const { ticks, y } = verticalScale(chart);
  const names = [...new Set(chart.series.flatMap(({ points }) => points.map(([x]) => String(x))))];
  const groupWidth = (AREA.right - AREA.left) / Math.max(1, names.length);
  const barWidth = (groupWidth * 0.76) / Math.max(1, chart.series.length);
  const startOf = (name: string): number => AREA.left + names.indexOf(name) * groupWidth + groupWidth * 0.12;
  const bars = chart.series.flatMap(({ points }, index) =>
    points.flatMap(([x, value]) => {
      const [left, top] = [startOf(String(x)) + index * barWidth, y(Math.max(0, value))];
      const height = Math.abs(y(value) - y(0));
      return [
        element('rect', { x: left, y: top, width: barWidth * 0.94, height, fill: colourOf(index) }),
        text(left + barWidth * 0.47, top - 5, numberText(value), { 'text-anchor': 'middle', class: 'value' }),
      ];
    }),
  );
  const labels = names.map((name) =>
    text(startOf(name) + groupWidth * 0.38, AREA.bottom + 20, name, { 'text-anchor': 'middle' }),
  );
  return framed(chart, ticks, y, [...bars, ...labels]);
}
