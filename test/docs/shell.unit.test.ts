import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { until } from '../support/stack.js';
import { runCommands } from './shell.js';

const run = (blocks: readonly string[], stop = AbortSignal.timeout(60_000)) =>
  runCommands(blocks, { env: { GIVEN: 'g' }, stop });

describe('commands of a page', () => {
  it('run in one shell, so that variables and files of one are there for the next', async () => {
    expect(await run(['a=1\necho "$GIVEN" > file', 'cat file\necho "$a"', 'echo wrong >&2'])).toEqual([
      { output: '', errors: '' },
      { output: 'g\n1\n', errors: '' },
      { output: '', errors: 'wrong\n' },
    ]);
  });

  it('that never end are ended, and tell it with all that follow', async () => {
    const begun = join(await mkdtemp(join(tmpdir(), 'rollcall-shell-')), 'begun');
    const stop = new AbortController();
    const ran = run(['echo first', `touch '${begun}'; sleep 600`, 'echo last'], stop.signal);
    await until(() => existsSync(begun), { what: 'the commands that never end to begin' });
    stop.abort();
    expect(await ran).toEqual([{ output: 'first\n', errors: '' }, null, null]);
  });

  it('never install: the checkout is the one in which the test runs', async () => {
    const [refused] = await run(['npm ci && echo installed']);
    expect(refused).toEqual({ output: 'refused: npm ci\n', errors: '' });
  });
});
