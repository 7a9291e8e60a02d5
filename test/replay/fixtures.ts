import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournalFile, type JournalFile } from '../../src/replay/read-journal-file.js';
import { writeJournalFile } from '../../src/replay/write-journal-file.js';
import type { History } from '../../src/runtime/index.js';
import { headerOf, recorded, type MachineName } from './recording.js';

const FIXTURES = join(import.meta.dirname, 'fixtures');

export const MACHINES: readonly MachineName[] = ['orchestrator', 'reducer'];

/** A folder of recordings for each release. */
export async function currentRelease(): Promise<string> {
  return (JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version;
}

/** Every recording there is, as `release/name`. */
export async function fixtureNames(): Promise<readonly string[]> {
  const names = await readdir(FIXTURES, { recursive: true });
  return names.filter((name) => /\.jsonl(\.gz)?$/.test(name)).sort();
}

export function openFixture(name: string): Promise<JournalFile> {
  return readJournalFile(join(FIXTURES, name));
}

/** All that a recording holds. */
export async function historiesIn(name: string): Promise<readonly History[]> {
  const histories: History[] = [];
  for await (const history of (await openFixture(name)).histories) histories.push(history);
  return histories;
}

export function fixtureOf(release: string, machine: MachineName): string {
  return `${release}/${machine}.jsonl.gz`;
}

export async function fixtureBytes(): Promise<number> {
  const sizes = await Promise.all((await fixtureNames()).map((name) => stat(join(FIXTURES, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Writes the recordings of this release anew; those of earlier ones are never touched. */
export async function record(): Promise<void> {
  const release = await currentRelease();
  await mkdir(join(FIXTURES, release), { recursive: true });
  for (const machine of MACHINES) {
    const path = join(FIXTURES, fixtureOf(release, machine));
    await rm(path, { force: true });
    await writeJournalFile(path, headerOf(release), recorded(machine));
  }
}
