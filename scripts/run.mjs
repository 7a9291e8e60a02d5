/**
 * `node scripts/run.mjs ENTRY [ARGUMENT ...]` runs dist/ENTRY in this very process, so that signals reach it; before that it
 * builds, unless dist was made from the sources as they are now. Without ENTRY it only builds, and always; with --stale it only
 * builds, where that is needed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const root = dirname(import.meta.dirname);
const [entry, ...args] = process.argv.slice(2);
const onlyStale = entry === '--stale';
const stamp = join(root, 'dist/.built-from');
const lock = join(root, 'node_modules/.rollcall-building'); // a symbolic link to a pid: made in one step, never half written
const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const consoleBuild = 'scripts/console.mjs';
const canBuild = existsSync(nest) && existsSync(join(root, 'src')); // an image can't: it runs what it has

if (canBuild && !(await upToDate())) process.exit(1);
if (entry !== undefined && !onlyStale) {
  process.argv = [process.execPath, join(root, 'dist', entry), ...args];
  if (!existsSync(process.argv[1])) fail(`${process.argv[1]} is not there; is src/${entry.replace(/js$/, 'ts')}?`);
  await import(pathToFileURL(process.argv[1]).href);
} else if (!canBuild && !onlyStale)
  fail('There is nothing to build with: run "npm ci", with dev dependencies, in a checkout.');

async function upToDate() {
  const isCurrent = () => entry !== undefined && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
  for (; !isCurrent(); await sleep(100)) {
    if (!locked()) continue; // somebody else is building
    try {
      return isCurrent() || build();
    } finally {
      rmSync(lock, { force: true });
    }
  }
  return true;
}

function build() {
  console.error('building…');
  const from = fingerprint(); // taken first: what is edited during the build is newer than the build
  const runs = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
  // The program, which empties dist first, the types of the entry points that others import, and the console.
  const isBuilt = runs(nest, 'build') && runs(tsc, '--project', 'src/client') && runs(consoleBuild);
  if (isBuilt) writeFileSync(stamp, from);
  return isBuilt;
}

function fingerprint() {
  const own = readdirSync(root).filter((name) => /^(tsconfig.*|nest-cli|package)\.json$/.test(name));
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join('src', name));
  const hash = createHash('sha256');
  for (const name of [...own, consoleBuild, ...sources].filter((name) => /\.\w+$/.test(name)).sort()) {
    hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

function locked() {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readlinkSync(lock)), 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true }); // it was killed while it built
  }
  return false;
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
