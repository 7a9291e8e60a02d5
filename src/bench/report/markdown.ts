import type { Machine } from '../machine.js';
import { tableText } from './markdown-table.js';
import { profileParts } from './profile-tables.js';
import type { Stored } from './results.js';
import { cellsOf, COLUMNS } from './table.js';

/** Two lines of a page; what stands between them is written by the bench. */
export type Marks = { readonly begin: string; readonly end: string };

const WRITTEN = 'written by npm run bench; edits between these marks are lost';

export const TARGETS: Marks = { begin: `<!-- targets: ${WRITTEN} -->`, end: '<!-- end of targets -->' };
export const RESULTS: Marks = { begin: `<!-- results: ${WRITTEN} -->`, end: '<!-- end of results -->' };

const AS_IT_IS = ['<!-- prettier-ignore-start -->', '<!-- prettier-ignore-end -->'] as const;

export function hasMarks(page: string, { begin, end }: Marks): boolean {
  return page.includes(begin) && page.indexOf(begin) < page.indexOf(end);
}

/** The page with the part between the marks replaced. Throws when the marks are not there, in this order. */
export function between(page: string, marks: Marks, part: string): string {
  const { begin, end } = marks;
  if (!hasMarks(page, marks))
    throw new Error(`README.md has no place for results: it needs the lines "${begin}" and "${end}"`);
  const [before, after] = [page.slice(0, page.indexOf(begin) + begin.length), page.slice(page.indexOf(end))];
  return [before, AS_IT_IS[0], '', part, '', AS_IT_IS[1], after].join('\n');
}

/** Tables and charts of all results. */
export function resultsPart(results: readonly Stored[]): string {
  return results.map(sectionOf).join('\n\n');
}

function sectionOf(stored: Stored): string {
  const { name, title, method, figures, charts = [], profiles = [], quick, measuredAt, machine } = stored;
  const hurry = quick ? ' **A quick run: figures only to see that everything works.**' : '';
  const table = tableText(COLUMNS, figures.map(cellsOf));
  const images = charts.map((chart) => `![${chart.title}](${chart.file})`);
  return [
    `### ${title}`,
    `\`npm run bench -- --only ${name}\`, ${measuredAt.slice(0, 16).replace('T', ' ')} UTC, ${machineText(machine)}.${hurry}`,
    `${capital(method)}.`,
    table,
    ...images,
    ...profiles.flatMap(profileParts),
  ].join('\n\n');
}

function machineText({ cpu, cores, memoryGiB, kernel, node, kafka, consul, postgres }: Machine): string {
  return (
    `on ${cores} cores (${cpu}), ${memoryGiB} GiB, Linux ${kernel}, Node.js ${node.replace(/^v/, '')}, Kafka ${kafka}, Consul ${consul}, ` +
    `PostgreSQL ${postgres}`
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
