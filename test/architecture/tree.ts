import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** The project's own tree. */
export const PROJECT = join(import.meta.dirname, '../..');

/** File and name of the rule that it breaks. */
export type Violation = { readonly file: string; readonly rule: string };

const GATES = [
  'package.json',
  'tsconfig.json',
  '.dependency-cruiser.cjs',
  'eslint.config.js',
  'scripts/eslint-purity.mjs',
];
const TSCONFIGS = [
  'test/tsconfig.json',
  ...['console', 'messages', 'orchestrator', 'reducer'].map((name) => `src/${name}/tsconfig.json`),
];

/** A copy of the project's gates and vocabulary in a temporary folder, with `files` (path to text) planted in it. */
export async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'rollcall-planted-'));
  for (const path of [...GATES, ...TSCONFIGS, 'src/messages']) {
    await cp(join(PROJECT, path), join(root, path), { recursive: true });
  }
  // Not one link for all: the caches in there are not to be shared.
  await mkdir(join(root, 'node_modules'));
  for (const name of await readdir(join(PROJECT, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(PROJECT, 'node_modules', name), join(root, 'node_modules', name));
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

export async function uproot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

export async function cruise(root: string): Promise<Violation[]> {
  const bin = 'dependency-cruiser/bin/dependency-cruise.mjs';
  const text = await run(root, bin, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src');
  const { summary } = JSON.parse(text) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.map(({ from, rule }) => ({ file: from, rule: rule.name }));
}

export async function lint(root: string, ...paths: readonly string[]): Promise<Violation[]> {
  const text = await run(root, 'eslint/bin/eslint.js', '--format', 'json', ...paths);
  const files = JSON.parse(text) as { filePath: string; messages: { ruleId: string | null; message: string }[] }[];
  return files.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => ({ file: relative(root, filePath), rule: ruleId ?? message })),
  );
}

/** What the compiler says; `rule` is the code of the error. */
export async function compile(root: string, ...args: readonly string[]): Promise<Violation[]> {
  const text = await run(root, 'typescript/bin/tsc', ...args, '--pretty', 'false');
  if (/^error /m.test(text)) throw new Error(`tsc could not do its work: ${text}`);
  return [...text.matchAll(/^(\S+)\(\d+,\d+\): error (TS\d+)/gm)].map(([, file = '', rule = '']) => ({ file, rule }));
}

/** The output of a tool that tells by its exit code that it found something, which is no failure here. */
function run(cwd: string, bin: string, ...args: readonly string[]): Promise<string> {
  const command = [join(PROJECT, 'node_modules', bin), ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stderr === '') resolve(stdout);
      else reject(new Error(`${bin} could not do its work: ${stderr}`, { cause: error }));
    });
  });
}
