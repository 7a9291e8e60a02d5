import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { run } from './fake-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-completion-'));
const scripts = new Map<string, string>();

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await run(['completion', shell]);
    expect(code).toBe(0);
    scripts.set(shell, join(folder, `rollcall.${shell}`));
    writeFileSync(join(folder, `rollcall.${shell}`), out);
  }
});

/** What bash offers for the last of these words, by the function itself. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const program = `
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _rollcall
    printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  const args = ['--norc', '-u', '-c', program, 'bash', scripts.get('bash') ?? '', 'rollcall', ...words];
  const { stdout, stderr } = await promisify(execFile)('bash', args, { cwd: folder });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  it('finds no mistake in it', async () => {
    const { stderr } = await promisify(execFile)('bash', ['-n', scripts.get('bash') ?? '']);
    expect(stderr).toBe('');
  });

  it.each<[readonly string[], readonly string[]]>([
    [
      [''],
      [
        'nodes',
        'register',
        'deregister',
        'operations',
        'introspect',
        'drift',
        'dead-letters',
        'expiry',
        'import',
        'audit',
        'whoami',
        'doctor',
        'completion',
      ],
    ],
    [['d'], ['deregister', 'drift', 'dead-letters', 'doctor']],
    [
      ['nodes', ''],
      ['list', 'get', 'history', 'explain', 'watch'],
    ],
    [['nodes', 'list', '--st'], ['--state']],
    [
      ['nodes', 'list', '--state', 'a'],
      ['accepted', 'awaiting_ack', 'ack_received', 'active', 'ack_timed_out'],
    ],
    [['--url', 'nodes', 'nodes', 'w'], ['watch']],
    [
      ['nodes', '--json', 'list', '--type', ''],
      ['effect', 'compute', 'reducer', 'orchestrator'],
    ],
    [
      ['drift', '--backend', ''],
      ['consul', 'postgres'],
    ],
    [['dead-letters', 'redrive', '--cause', 'm'], ['malformed']],
    [
      ['nodes', 'get', '--tok'],
      ['--token', '--token-file'],
    ],
    // Files, where something else than a word of ours is wanted.
    [['register', '--file', 'rollcall.b'], ['rollcall.bash']],
    [['import', 'consul', 'rollcall.f'], ['rollcall.fish']],
    [['nodes', 'list', '--capability', 'zzz'], []],
  ])('%j', async (words, wanted) => {
    expect([...(await offered(...words))].sort()).toEqual([...wanted].sort());
  });

  it('offers every option of a command, and those of all commands', async () => {
    const flags = await offered('nodes', 'watch', '--');
    expect(flags).toEqual(
      expect.arrayContaining(['--event', '--from', '--count', '--url', '--json', '--no-color', '--help']),
    );
    expect(flags).not.toContain('--state');
  });
});

describe.each(['zsh', 'fish'])('%s', (shell) => {
  it('has every command and choice', async () => {
    const { out } = await run(['completion', shell]);
    for (const word of ['dead-letters', 'redrive', 'liveness_expired', 'token-file', 'rejected_by_handler']) {
      expect(out).toContain(word);
    }
  });

  it('finds no mistake in it, where the shell is installed', () => {
    const { error, status, stderr } = spawnSync(shell, ['-n', scripts.get(shell) ?? ''], { encoding: 'utf8' });
    if (error !== undefined) return expect(error).toMatchObject({ code: 'ENOENT' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
