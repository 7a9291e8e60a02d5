import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './chart/draw.js';
import { BEGIN, between, END, resultsPart } from './markdown.js';
import type { Results } from './results.js';

const PAGE = 'README.md';

/** The tables in the folder's README.md, whose other text stays, and the charts, from all results of the folder. */
export function writeReport(folder: string, { results }: Results): void {
  for (const { charts = [] } of results) {
    for (const chart of charts) writeFileSync(join(folder, chart.file), draw(chart));
  }
  const file = join(folder, PAGE);
  const page = existsSync(file) ? readFileSync(file, 'utf8') : `# Benchmarks\n\n${BEGIN}\n${END}\n`;
  writeFileSync(file, between(page, resultsPart(results)));
}
