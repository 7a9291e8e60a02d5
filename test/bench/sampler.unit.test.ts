import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import typescript from 'typescript';
import { Sampler } from '../../src/bench/profile/sampler.js';
import { threadsOf } from '../../src/bench/usage/processes.js';

/** Works until it is told to end, and says when it begins; without work it has nothing that would keep it. */
const PROGRAM = `
function hardWork() { for (const until = Date.now() + 5; Date.now() < until;) JSON.parse('[1]'); }
if (process.argv[2] === 'work') setInterval(hardWork, 6), process.send('working');
`;
const SOURCE = new URL('../../src/bench/profile/preload.ts', import.meta.url);
/** Of processor time, to have samples of. */
const ENOUGH_SECONDS = 0.3;

let folder: string;
let child: ChildProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-sampler-'));
  const options = { target: typescript.ScriptTarget.ES2023, module: typescript.ModuleKind.ESNext };
  const { outputText } = typescript.transpileModule(readFileSync(SOURCE, 'utf8'), { compilerOptions: options });
  writeFileSync(join(folder, 'preload.mjs'), outputText);
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => rmSync(folder, { recursive: true }));

function start(what: string): { readonly process: ChildProcess; readonly sampler: Sampler; readonly file: string } {
  const preload = pathToFileURL(join(folder, 'preload.mjs')).href;
  const started = spawn(process.execPath, ['--import', preload, join(folder, 'program.mjs'), what], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }); // prettier-ignore
  child = started;
  const file = join(folder, 'profile.json');
  return { process: started, sampler: new Sampler(started, file), file };
}

/** Resolves when the thread that runs its JavaScript has used some processor time: the one that takes the samples uses its own. */
async function hasWorked(pid: number): Promise<void> {
  const used = (): number => threadsOf(pid).find((thread) => thread.pid === pid)?.cpuSeconds ?? NaN;
  const enough = used() + ENOUGH_SECONDS;
  while (used() < enough) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a sampled process', () => {
  it('tells what it was at, as often as it is asked', async () => {
    const { process: started, sampler, file } = start('work');
    await once(started, 'message');
    const pid = started.pid ?? 0;
    for (const value of [1, 2]) {
      const sampled = await sampler.sample(async () => {
        await hasWorked(pid);
        return value;
      });
      expect(sampled.value).toBe(value);
      // What V8 had compiled into its caller before counts for that one, Node.js's own.
      const atWork = sampled.profile.nodes.filter(({ callFrame }) =>
        ['hardWork', 'listOnTimeout'].includes(callFrame.functionName),
      );
      const hits = new Set(atWork.map(({ id }) => id));
      expect(sampled.profile.samples.filter((id) => hits.has(id)).length).toBeGreaterThan(0);
      // Not compared with each other: they are read one after the other. The clock of /proc ticks a hundred times a second.
      expect(sampled.cpu.main).toBeGreaterThan(ENOUGH_SECONDS - 0.05);
      expect(sampled.cpu.all).toBeGreaterThan(ENOUGH_SECONDS - 0.05);
      expect(existsSync(file)).toBe(false);
    }
  });

  it('ends by itself as without it', async () => {
    const { process: started, sampler } = start('rest');
    expect(await once(started, 'exit')).toEqual([0, null]);
    await expect(sampler.sample(async () => undefined)).rejects.toThrow('it has ended');
  });

  it('that ends meanwhile leaves nobody waiting', async () => {
    const { process: started, sampler } = start('work');
    await once(started, 'message');
    const sampled = sampler.sample(async () => {
      process.kill(started.pid ?? 0, 'SIGSTOP'); // so that it ends while it is asked for the profile
      setTimeout(() => started.kill('SIGKILL'), 50);
    });
    await expect(sampled).rejects.toThrow('ended while it was being sampled');
  });
});
