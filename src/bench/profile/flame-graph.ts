import { element, escaped, text } from '../report/chart/svg.js';
import type { Call } from './call-tree.js';
import { flamesOf, type Flame } from './flames.js';
import { GROUP_NAMES, GROUPS } from './groups.js';

const WIDTH = 1200;
const MARGIN = 10;
const ROW = 17;
const TOP = 84;
/** Narrower ones only have a colour, and say more when they are pointed at. */
const NAMED_FROM = 30;
/** Of the font, which gives all letters the same. */
const LETTER = 6.3;

/** Whoever shows the file says whether it is on light or dark ground; names in frames are always on light colours. */
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-size: 16px; font-weight: 600 }
.name { font: 10.5px ui-monospace, monospace; fill: #16181c; pointer-events: none }
rect:hover { stroke: #16181c; stroke-width: 1 }
${GROUP_NAMES.map((name, index) => `.g${index} { fill: ${GROUPS[name]} }`).join(' ')}
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }`;

/**
 * The text of an SVG file: as wide as a function and what it called took, what it called above it. Static: names of narrow frames, files and
 * lines stand in the tooltips.
 */
export function flameGraph(title: string, root: Call): string {
  const flames = flamesOf(root);
  const rows = flames.reduce((most, { depth }) => Math.max(most, depth + 1), 1);
  const height = TOP + rows * ROW + MARGIN;
  const content = [
    element('title', {}, escaped(title)),
    element('style', {}, STYLE),
    text(MARGIN, 24, title, { class: 'title' }),
    ...legend(),
    ...flames.flatMap((flame) => frameOf(flame, height - MARGIN - (flame.depth + 1) * ROW)),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    role: 'img',
  };
  return `${element('svg', attributes, '\n', content.join('\n'), '\n')}\n`;
}

function frameOf({ call, start, share, percent }: Flame, y: number): readonly string[] {
  const x = MARGIN + start * (WIDTH - 2 * MARGIN);
  const width = share * (WIDTH - 2 * MARGIN);
  const told = `${call.name} (${call.place === '' ? 'all samples' : call.place}): ${percent.toFixed(1)} %`;
  const box = element(
    'rect',
    { x, y, width: Math.max(0.3, width - 0.4), height: ROW - 1, class: `g${GROUP_NAMES.indexOf(call.group)}` },
    element('title', {}, escaped(told)),
  );
  if (width < NAMED_FROM) return [box];
  const letters = Math.floor((width - 6) / LETTER);
  const name = call.name.length > letters ? `${call.name.slice(0, letters - 1)}…` : call.name;
  return [box, text(x + 3, y + 12, name, { class: 'name' })];
}

function legend(): readonly string[] {
  let [x, y] = [MARGIN, 40];
  return GROUP_NAMES.flatMap((name, index) => {
    const width = 34 + name.length * 7;
    if (x + width > WIDTH) [x, y] = [MARGIN, y + 20];
    const at = x;
    x += width;
    return [element('rect', { x: at, y, width: 14, height: 14, class: `g${index}` }), text(at + 20, y + 12, name)];
  });
}
