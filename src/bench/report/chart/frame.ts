import type { Chart } from '../../scenario.js';
import { tickText } from '../table.js';
import { linear, ticksFor } from './scale.js';
import { element, escaped, line, text } from './svg.js';

export const WIDTH = 760;
export const HEIGHT = 400;
/** Where the curves or bars are. */
export const AREA = { left: 72, right: WIDTH - 24, top: 84, bottom: HEIGHT - 56 } as const;

/** Told apart also by who sees no red or no green (Okabe and Ito), and readable on white and on black. */
const COLOURS = ['#0a84c1', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#8c8cf0'] as const;

export function colourOf(series: number): string {
  return COLOURS[series % COLOURS.length] ?? COLOURS[0];
}

/** Whoever shows the file says whether it is on light or dark ground. */
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-size: 16px; font-weight: 600 } .value { font-size: 11px }
.grid { stroke: #8c959f; stroke-opacity: .3 } .axis { stroke: #57606a } .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .axis { stroke: #9198a1 } }`;

/** The vertical scale of a chart: 0 is always on it, or bars would lie. */
export function verticalScale({ series }: Chart) {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const ticks = ticksFor(Math.min(0, ...values), Math.max(0, ...values), 5);
  return { ticks, y: linear([ticks[0] ?? 0, ticks.at(-1) ?? 1], [AREA.bottom, AREA.top]) };
}

/** Title, legend, axes and grid around what is drawn inside. */
export function framed(
  chart: Chart,
  ticks: readonly number[],
  y: (value: number) => number,
  inside: readonly string[],
): string {
  const { title, xLabel, yLabel } = chart;
  const middle = (AREA.top + AREA.bottom) / 2;
  const grid = ticks.flatMap((tick) => [
    line(AREA.left, y(tick), AREA.right, y(tick), 'grid'),
    text(AREA.left - 8, y(tick) + 4, tickText(tick), { 'text-anchor': 'end' }),
  ]);
  const content = [
    element('title', {}, escaped(title)),
    element('style', {}, STYLE),
    text(AREA.left, 26, title, { class: 'title' }),
    ...legendOf(chart),
    ...grid,
    ...inside,
    line(AREA.left, y(0), AREA.right, y(0), 'axis'),
    line(AREA.left, AREA.top, AREA.left, AREA.bottom, 'axis'),
    text((AREA.left + AREA.right) / 2, HEIGHT - 12, xLabel, { 'text-anchor': 'middle' }),
    text(18, middle, yLabel, { 'text-anchor': 'middle', transform: `rotate(-90 18 ${middle})` }),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    role: 'img',
  };
  return `${element('svg', attributes, '\n', content.join('\n'), '\n')}\n`;
}

function legendOf({ series }: Chart): readonly string[] {
  let x: number = AREA.left;
  return series.flatMap(({ name }, index) => {
    const at = x;
    x += 34 + name.length * 7.2;
    return [
      element('rect', { x: at, y: 46, width: 14, height: 14, rx: 2, fill: colourOf(index) }),
      text(at + 20, 58, name),
    ];
  });
}
