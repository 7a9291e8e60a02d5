import type { Machine } from '../machine.js';
import type { Stored } from './results.js';
import { cellsOf, COLUMNS } from './table.js';

export const BEGIN = '<!-- results: written by npm run bench; edits between these marks are lost -->';
export const END = '<!-- end of results -->';

const AS_IT_IS = ['<!-- prettier-ignore-start -->', '<!-- prettier-ignore-end -->'] as const;

/** The page with the part between the marks replaced. Throws when the marks are not there, in this order. */
export function between(page: string, part: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`README.md has no place for results: it needs the lines "${BEGIN}" and "${END}"`);
  return [page.slice(0, begin + BEGIN.length), AS_IT_IS[0], '', part, '', AS_IT_IS[1], page.slice(end)].join('\n');
}

/** Tables and charts of all results. */
export function resultsPart(results: readonly Stored[]): string {
  return results.map(sectionOf).join('\n\n');
}

function sectionOf(stored: Stored): string {
  const { name, title, method, figures, charts = [], quick, measuredAt, machine } = stored;
  const hurry = quick ? ' **A quick run: figures only to see that everything works.**' : '';
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [row(COLUMNS), row(COLUMNS.map(() => '---')), ...figures.map((figure) => row(cellsOf(figure)))];
  const images = charts.map((chart) => `![${chart.title}](${chart.file})`);
  return [
    `### ${title}`,
    `\`npm run bench -- --only ${name}\`, ${measuredAt.slice(0, 16).replace('T', ' ')} UTC, ${machineText(machine)}.${hurry}`,
    `${capital(method)}.`,
    table.join('\n'),
    ...images,
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
