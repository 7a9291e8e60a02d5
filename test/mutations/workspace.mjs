import { cpSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

export const ROOT = dirname(dirname(import.meta.dirname));
const TREES = ['src', 'dist', 'test', 'scripts'];
const FILES = ['package.json', 'tsconfig.json', 'jest.config.js', 'docs', 'stack', 'openapi.json'];

/**
 * A copy of the product in a folder of its own, sources and what was built of them, with the edits in both. Throws when an edit does not
 * fit the source any more: then the planted bug has to be written anew.
 */
export function createWorkspace(edits) {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-mutant-'));
  try {
    for (const tree of TREES) cpSync(join(ROOT, tree), join(folder, tree), { recursive: true, filter: isWanted });
    for (const file of FILES) symlinkSync(join(ROOT, file), join(folder, file));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    // Resolved to its real path, the configuration would name the real folder as its root.
    for (const file of ['package.json', 'jest.config.js']) replaceLink(join(folder, file), join(ROOT, file));
    for (const edit of edits) plant(folder, edit);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

function isWanted(path) {
  return !path.endsWith('.map');
}

function replaceLink(link, target) {
  rmSync(link);
  try {
    linkSync(target, link);
  } catch {
    cpSync(target, link);
  }
}

function plant(folder, { file, find, put }) {
  const source = join(folder, file);
  const text = readFileSync(source, 'utf8');
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${file} has ${count} places that read "${find.trim()}", not one`);
  const mutated = text.replace(find, () => put);
  writeFileSync(source, mutated);
  if (!file.startsWith('src/') || !file.endsWith('.ts')) return;
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  // Seen alone, a file does not know of the package.json that makes it a module.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, moduleResolution: undefined, sourceMap: false };
  const { outputText } = ts.transpileModule(mutated, { compilerOptions, fileName: source });
  writeFileSync(join(folder, file.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js')), outputText);
}
