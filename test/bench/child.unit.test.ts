import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startChild } from '../../src/bench/children/child.js';
import type { Child } from '../../src/bench/scenario.js';
import { statOf } from '../../src/bench/usage/processes.js';

/** Speaks as children/serve.ts does. */
const PROGRAM = `
const { greeting } = JSON.parse(process.argv[2]);
if (greeting === 'no') process.exit(4);
process.on('message', ({ id, question, details }) => {
  if (question === 'die') process.exit(3);
  else if (question === 'fail') process.send({ kind: 'failed', id, reason: 'cannot' });
  else process.send({ kind: 'answer', id, value: greeting + ' ' + details });
});
process.send({ kind: 'ready' });
`;

let folder: string;
let program: string;
let child: Child | undefined;
const abort = new AbortController();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-child-'));
  program = join(folder, 'program.mjs');
  writeFileSync(program, PROGRAM);
});
afterEach(() => child?.stop());
afterAll(() => rmSync(folder, { recursive: true }));

describe('a child of the bench', () => {
  it('gets its settings, answers, and ends when it is told', async () => {
    child = await startChild(program, { greeting: 'hello' }, abort.signal);
    expect(await Promise.all([child.ask('greet', 'one'), child.ask('greet', 'two')])).toEqual([
      'hello one',
      'hello two',
    ]);
    await child.stop();
    expect(statOf(child.pid)).toBeUndefined();
    await expect(child.ask('greet')).rejects.toThrow('SIGTERM');
    await child.stop();
  });

  it('tells what it cannot do, and goes on', async () => {
    child = await startChild(program, { greeting: 'hello' }, abort.signal);
    await expect(child.ask('fail')).rejects.toThrow('program.mjs: cannot');
    expect(await child.ask('greet', 'again')).toBe('hello again');
  });

  it('leaves nobody waiting when it ends by itself', async () => {
    child = await startChild(program, { greeting: 'hello' }, abort.signal);
    await expect(child.ask('die')).rejects.toThrow('program.mjs ended with code 3');
  });

  it('that does not start is an error at once', async () => {
    await expect(startChild(program, { greeting: 'no' }, abort.signal)).rejects.toThrow('ended with code 4');
  });

  it('is not waited for when the run is interrupted', async () => {
    const interrupted = new AbortController();
    child = await startChild(program, { greeting: 'hello' }, interrupted.signal);
    const answer = child.ask('greet').then(() => child?.ask('greet'));
    interrupted.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('interrupted');
  });
});
