import { describe, expect, it } from '@jest/globals';
import { runCommands } from './shell.js';

const run = (blocks: readonly string[], timeoutMs = 30_000) => runCommands(blocks, { env: { GIVEN: 'g' }, timeoutMs });

describe('commands of a page', () => {
  it('run in one shell, so that variables and files of one are there for the next', async () => {
    expect(await run(['a=1\necho "$GIVEN" > file', 'cat file\necho "$a"', 'echo wrong >&2'])).toEqual([
      { output: '', errors: '' },
      { output: 'g\n1\n', errors: '' },
      { output: '', errors: 'wrong\n' },
    ]);
  });

  it('that never end are ended, and tell it with all that follow', async () => {
    expect(await run(['echo first', 'sleep 600', 'echo last'], 500)).toEqual([
      { output: 'first\n', errors: '' },
      null,
      null,
    ]);
  });

  it('never install: the checkout is the one in which the test runs', async () => {
    const [refused] = await run(['npm ci && echo installed']);
    expect(refused).toEqual({ output: 'refused: npm ci\n', errors: '' });
  });
});
