import type { Profile } from '../scenario.js';
import { tableText } from './markdown-table.js';
import { numberText } from './table.js';

/** A flame graph with where the time goes, for Markdown. */
export function profileParts({ file, title, groups, elsewhere, functions }: Profile): readonly string[] {
  const { program, otherThreads, sampling } = elsewhere;
  const all = groups.reduce((sum, { cpuPerThousand }) => sum + cpuPerThousand, program + otherThreads);
  return [
    `#### ${title}`,
    `[![${title}](${file})](${file})`,
    tableText(
      ['what for', 'self time', 'CPU seconds for 1,000'],
      [
        ...groups.map(({ name, percent, cpuPerThousand }) => [name, percentText(percent), numberText(cpuPerThousand)]),
        ['outside of JavaScript: the event loop, reading from sockets', '', numberText(program)],
        ['other threads: garbage collection, compiling, files', '', numberText(otherThreads)],
        ['the process', '', numberText(all)],
        ['beside it: what took the samples', '', numberText(sampling)],
      ],
    ),
    tableText(
      ['function', 'where', 'what for', 'self time'],
      functions.map(({ name, place, group, percent }) => [`\`${name}\``, place, group, percentText(percent)]),
    ),
  ];
}

function percentText(percent: number): string {
  return `${percent.toFixed(1)} %`;
}
