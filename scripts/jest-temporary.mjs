/**
 * Everything that tests put into the system's temporary folder goes into one of the run, which is removed at its end: an
 * embedded database alone has 40 MB. Jest calls this before all tests, and what it keeps in `globalThis` after all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEY = Symbol.for('rollcall.tests.temporary-folder');

export default async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-tests-'));
  globalThis[KEY] = folder;
  process.env.TMPDIR = folder;
}

export async function teardown() {
  await rm(globalThis[KEY], { recursive: true, force: true });
}
