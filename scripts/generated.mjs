/**
 * Writes the files that are generated and committed; with --check it only says which are stale, and fails if one is.
 * Each comes from a program of ours that prints it: to add one, name the file and the program (a path in dist).
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import prettier from 'prettier';

const GENERATED = [
  { file: 'docs/state-machines.md', entry: 'runtime/contracts/print-diagrams.js' },
  { file: 'schema.gql', entry: 'api/graphql/print-schema.js' },
  { file: 'openapi.json', entry: 'api/rest/print-openapi.js' },
];

const root = dirname(import.meta.dirname);
const checkOnly = process.argv.includes('--check');
let stale = 0;
for (const { file, entry } of GENERATED) {
  const target = join(root, file);
  const wanted = await formatted(target, await printed(entry));
  if ((await readFile(target, 'utf8').catch(() => null)) === wanted) continue;
  if (checkOnly) console.error(`${file} is stale: npm run generate`);
  else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, wanted);
  }
  stale += 1;
}
if (checkOnly && stale > 0) process.exitCode = 1;
else if (!checkOnly) console.log(`${GENERATED.length} generated files, ${stale} changed`);

async function printed(entry) {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [join(root, 'scripts/run.mjs'), entry], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

async function formatted(target, text) {
  return prettier.format(text, { ...(await prettier.resolveConfig(target)), filepath: target });
}
