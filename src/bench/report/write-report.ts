import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './chart/draw.js';
import { between, hasMarks, RESULTS, resultsPart, TARGETS } from './markdown.js';
import type { Results } from './results.js';
import { targetsPart } from './targets.js';

const PAGE = 'README.md';

const EMPTY = `# Benchmarks\n\n${[TARGETS, RESULTS].map(({ begin, end }) => `${begin}\n${end}\n`).join('\n')}`;

/** The tables in the folder's README.md, whose other text stays, and the charts, from all results of the folder. */
export function writeReport(folder: string, all: Results): void {
  const { results } = all;
  for (const { charts = [] } of results) {
    for (const chart of charts) writeFileSync(join(folder, chart.file), draw(chart));
  }
  const file = join(folder, PAGE);
  const page = existsSync(file) ? readFileSync(file, 'utf8') : EMPTY;
  // Pages of other people's folders may do without the targets.
  const aimed = hasMarks(page, TARGETS) ? between(page, TARGETS, targetsPart(all)) : page;
  writeFileSync(file, between(aimed, RESULTS, resultsPart(results)));
}
