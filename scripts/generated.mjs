/**
 * Writes the files that are generated and committed; with --check it only says which are stale, and fails if one is.
 * Each comes from a program of ours that prints it: to add one, name the file and the program (a path from dist). With a `part` the
 * program is asked for that part alone, which stands in a file that people write, between two comments.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import prettier from 'prettier';

const GENERATED = [
  { file: 'docs/state-machines.md', entry: 'runtime/contracts/print-diagrams.js' },
  { file: 'docs/concepts.md', part: 'orchestrator', entry: 'runtime/contracts/print-diagrams.js' },
  { file: 'docs/concepts.md', part: 'reducer', entry: 'runtime/contracts/print-diagrams.js' },
  { file: 'schema.gql', entry: 'api/graphql/print-schema.js' },
  { file: 'openapi.json', entry: 'api/rest/print-openapi.js' },
  { file: 'src/api-answers/answers.ts', entry: '../scripts/print-answers.mjs' },
  { file: 'ops/grafana/rollcall.json', entry: '../ops/grafana/print-dashboard.mjs' },
  { file: 'asyncapi.json', entry: 'api/asyncapi/print-asyncapi.js' },
  { file: 'docs/events.md', entry: 'api/asyncapi/print-event-reference.js' },
];

const root = dirname(import.meta.dirname);
const checkOnly = process.argv.includes('--check');
let stale = 0;
for (const { file, part, entry } of GENERATED) {
  const target = join(root, file);
  const present = await readFile(target, 'utf8').catch(() => null);
  const text = part === undefined ? await printed(entry) : inPlace(file, present, part, await printed(entry, part));
  const wanted = await formatted(target, text);
  if (present === wanted) continue;
  if (checkOnly) console.error(`${file} is stale: npm run generate`);
  else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, wanted);
  }
  stale += 1;
}
if (checkOnly && stale > 0) process.exitCode = 1;
else if (!checkOnly) console.log(`${GENERATED.length} generated files, ${stale} changed`);

/** The file with what was printed in the place of the part; the comments around it stay. */
function inPlace(file, present, part, text) {
  const [before, rest] = (present ?? '').split(`<!-- generated: ${part} -->\n`);
  const after = rest?.slice(rest.indexOf('<!-- end -->'));
  if (!after?.startsWith('<!-- end -->')) throw new Error(`${file} has no place for ${part}, from generated to end`);
  return `${before}<!-- generated: ${part} -->\n\n${text}\n${after}`;
}

async function printed(entry, ...args) {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [join(root, 'scripts/run.mjs'), entry, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

async function formatted(target, text) {
  return prettier.format(text, { ...(await prettier.resolveConfig(target)), filepath: target });
}
