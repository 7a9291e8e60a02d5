import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readJournalFile } from '../../src/replay/read-journal-file.js';
import { writeJournalFile } from '../../src/replay/write-journal-file.js';
import { createMachine, type History } from '../../src/runtime/index.js';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { acked, completed, introspection } from '../support/builders.js';
import { REGISTRY_ID, Storage, taken } from '../support/machines.js';
import { headerOf } from './recording.js';

const HEADER = headerOf('0.1.0');

/** With text that JSON and lines could spoil. */
function histories(): readonly History[] {
  const machine = createMachine(orchestratorComponent(), REGISTRY_ID);
  return ['one', 'two\nlines', 'ÄÖ\u2028'].map((team) => {
    const storage = new Storage();
    const life = [introspection(1, { metadata: { team } }), completed(2, { attempt: 1, version: 1 }), acked(3, 1)];
    for (const message of life) storage.decide(machine, taken(message));
    const { version, state } = storage.rowOf(machine.name, 'node-1')!;
    return {
      machine: machine.name,
      nodeId: 'node-1',
      stored: { version, state: JSON.stringify(state) },
      entries: storage.entriesOf(machine.name),
    };
  });
}

describe('a journal file', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rollcall-journal-'))));
  afterAll(() => rm(folder, { recursive: true }));

  const at = (name: string) => join(folder, name);
  const readAll = async (path: string) => {
    const file = await readJournalFile(path);
    const read: History[] = [];
    for await (const history of file.histories) read.push(history);
    return { header: file.header, read };
  };
  const lines = async (): Promise<string[]> => {
    const path = at('whole.jsonl');
    await rm(path, { force: true });
    await writeJournalFile(path, HEADER, histories());
    return (await readFile(path, 'utf8')).split('\n');
  };

  it.each(['journal.jsonl', 'journal.jsonl.gz'])('gives back what was written: %s', async (name) => {
    const told: string[] = [];
    const written = await writeJournalFile(at(name), HEADER, histories(), (...so) => told.push(so.join()));
    expect(written).toEqual({ states: 3, entries: 9 });
    expect(told).toEqual(['1,3', '2,6', '3,9']);
    expect(await readAll(at(name))).toEqual({ header: HEADER, read: histories() });
  });

  it('is gzipped by its name, and the same bytes whenever it is written', async () => {
    await writeJournalFile(at('a.gz'), HEADER, histories());
    await writeJournalFile(at('b.gz'), HEADER, histories());
    expect(gunzipSync(await readFile(at('a.gz'))).toString()).toBe((await lines()).join('\n'));
    expect((await readFile(at('a.gz'))).equals(await readFile(at('b.gz')))).toBe(true);
  });

  it('is never overwritten', async () => {
    await writeFile(at('mine'), 'mine');
    await expect(writeJournalFile(at('mine'), HEADER, histories())).rejects.toThrow(
      'mine is there already: remove it, or choose another name',
    );
    expect(await readFile(at('mine'), 'utf8')).toBe('mine');
  });

  it('is not left behind in halves', async () => {
    async function* failing(): AsyncGenerator<History> {
      yield histories()[0]!;
      throw new Error('the database is gone');
    }
    await expect(writeJournalFile(at('half.gz'), HEADER, failing())).rejects.toThrow('the database is gone');
    expect(await readdir(folder)).not.toContain('half.gz');
  });

  it.each<[string, (lines: string[]) => string, string | RegExp]>([
    ['empty', () => '', 'does not begin as a journal of format 1 does'],
    ['something else', () => '{"hello":1}\n', 'does not begin as a journal of format 1 does (rollcallJournal'],
    ['of a later format', ([head, ...rest]) => [head!.replace(/:1,/, ':2,'), ...rest].join('\n'), 'format 1'],
    ['no JSON', ([head]) => `${head}\nhello\n`, /:2 is not JSON/],
    ['no history', ([head]) => `${head}\n{"machine":"reducer"}\n`, /:2 is no history: nodeId/],
    ['cut off at a line', (all) => all.slice(0, 3).join('\n'), 'cut off behind line 3'],
    ['cut off in a line', (all) => all.join('\n').slice(0, -600), /:4 is not JSON/],
    [
      'short of a history',
      (all) => all.filter((_, index) => index !== 2).join('\n'),
      '6 entries of 2 states, and says that there are 9 of 3',
    ],
  ])('that is %s is refused', async (name, spoil, problem) => {
    await writeFile(at(name), spoil(await lines()));
    await expect(readAll(at(name))).rejects.toThrow(problem);
  });

  it('that is cut off in the middle of its compressed bytes is refused', async () => {
    const whole = gzipSync((await lines()).join('\n'));
    await writeFile(at('cut.gz'), whole.subarray(0, whole.length - 20));
    await expect(readAll(at('cut.gz'))).rejects.toThrow(/cut\.gz cannot be read: .*unexpected end of file/);
  });

  it('that is not there, or not gzipped, is refused', async () => {
    await expect(readAll(at('nowhere'))).rejects.toThrow(/nowhere cannot be read: .*ENOENT/);
    await expect(readAll(at('nowhere.gz'))).rejects.toThrow(/nowhere\.gz cannot be read: .*ENOENT/);
    await writeFile(at('plain.gz'), 'plain');
    await expect(readAll(at('plain.gz'))).rejects.toThrow(/plain\.gz cannot be read: .*incorrect header/);
  });
});
