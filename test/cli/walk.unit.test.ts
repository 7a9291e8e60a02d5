import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { join } from '../../src/client/sdk.js';
import { build, Rollcall } from '../e2e/rollcall.js';
import { until } from '../support/stack.js';
import { aNode, fakeRegistry } from './fake-registry.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const FIXTURES = `${ROOT}test/cli/fixtures/`;

jest.setTimeout(300_000);

/** On a machine that has other work to do. */
const PATIENCE_MS = 60_000;
const PATIENTLY = ['--wait', String(PATIENCE_MS / 1000)] as const;

/** The built command, in a process of its own, as its users run it. */
async function rollcall(args: readonly string[], url: string): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], ROLLCALL_URL: url };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [`${ROOT}dist/cli/main.js`, ...args], {
      env,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout: out, stderr: err } = error as { code: number; stdout: string; stderr: string };
    return { code, out, err };
  }
}

beforeAll(() => build());

describe('the built command beside a registry', () => {
  let registry: Rollcall;
  const run = (...args: readonly string[]) => rollcall(args, registry.url);
  const ids = async () => (await run('nodes', 'list', '--json', '--state', 'active')).out.match(/"nodeId":"[^"]*"/g);

  beforeAll(async () => {
    // Nobody is accepted without a backend that is only slow.
    registry = await Rollcall.startEmbedded({ DEGRADED_ACCEPT_AFTER_MS: '600000' });
  });
  afterAll(() => registry.stop());

  it('registers, looks, waits, explains and takes out', async () => {
    const register = ['register', 'a', '--type', 'effect', '--capability', 'x', ...PATIENTLY];
    expect(await run(...register)).toMatchObject({ code: 0, err: '' });
    expect(await ids()).toEqual(['"nodeId":"a"']);
    expect((await run('nodes', 'explain', 'a')).out).toContain('a has been active since');
    expect(await run('register', 'a', '--type', 'nothing')).toMatchObject({ code: 2 });
    expect(await run('register', 'a', '--type', 'effect', '--node-version', 'one')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nodeVersion (body): must be a semantic version'),
    });
    expect(await run('deregister', 'a', ...PATIENTLY)).toMatchObject({ code: 0, out: 'a is deregistered\n' });
    expect(await run('deregister', 'nobody')).toMatchObject({ code: 1 });
  });

  it('imports a snapshot; a second time changes nothing', async () => {
    const args = ['import', 'consul', `${FIXTURES}consul-snapshot.jsonl`, '--json'];
    const first = await run(...args);
    expect(first.code).toBe(0);
    expect(first.out.match(/"outcome":"registered"/g)).toHaveLength(2);
    const before = await ids();
    expect(before).toHaveLength(2);
    const histories = async () =>
      Promise.all((before ?? []).map((id) => run('nodes', 'history', id.slice(10, -1), '--json')));
    const steps = (await histories()).map(({ out }) => out.match(/"REGISTER_NODE"/g)?.length);
    expect(await run(...args)).toMatchObject({ code: 0 });
    expect(await ids()).toEqual(before);
    expect((await histories()).map(({ out }) => out.match(/"REGISTER_NODE"/g)?.length)).toEqual(steps);
  });

  it('what was imported joins under its own id, and owes heartbeats from then on', async () => {
    const [nodeId = ''] = ((await ids()) ?? []).map((id) => id.slice('"nodeId":"'.length, -1));
    const member = join({ nodeId, nodeType: 'effect', registry: { url: registry.url }, signals: false });
    try {
      await member.whenActive();
    } finally {
      await member.leave({ withinMs: PATIENCE_MS });
    }
    // The goodbye is in the log, and the backends forget the node a little later.
    const paths = await until(
      async () => {
        const history = (await run('nodes', 'history', nodeId, '--json')).out.trim().split('\n');
        const seen = history.map((line) => (JSON.parse(line) as { path: string }).path);
        return seen.includes('deregistering > deregistered') && seen;
      },
      { everyMs: 500, what: `${nodeId} to be deregistered` },
    );
    expect(paths.filter((path) => path.includes('>'))).toEqual([
      'none > pending_registration',
      'pending_registration > accepted > active',
      'active > pending_registration',
      'pending_registration > accepted > awaiting_ack',
      'awaiting_ack > ack_received > active',
      'active > deregistering',
      'deregistering > deregistered',
    ]);
  });

  it('every fixture of another registry can be registered', async () => {
    for (const [source, file] of [
      ['eureka', 'eureka-apps.json'],
      ['nacos', 'nacos-instances-v1.json'],
      ['nacos', 'nacos-catalog-services.json'],
      ['consul', 'consul-health-service.json'],
      ['consul', 'consul-catalog-service.json'],
    ] as const) {
      const { out } = await run('import', source, `${FIXTURES}${file}`, '--all');
      expect(out).toMatch(/\n?[1-9]\d* registered, 0 failed/);
    }
  });

  it('audits by drift, and the doctor has nothing against it', async () => {
    expect(await run('drift', '--dry-run', ...PATIENTLY)).toMatchObject({ code: 0, err: '' });
    // A part of the registry that did not answer for seconds is told for a moment.
    const { code, out } = await until(
      async () => {
        const ran = await run('doctor', '--json');
        return !ran.out.includes('says that it is') && ran;
      },
      { everyMs: 500, what: 'a registry that is well' },
    );
    expect({ code, status: (JSON.parse(out) as { status: string }).status }).toEqual({ code: 0, status: 'ok' });
  });
});

describe('a reader that has enough', () => {
  it('ends a list quietly, and early', async () => {
    const endless = await fakeRegistry(({ url }) => {
      const from = Number(new URL(url, 'http://x').searchParams.get('cursor') ?? 0);
      const items = Array.from({ length: 1000 }, (_, index) => aNode(`node-${from + index}`));
      return { body: { items, nextCursor: String(from + 1000) } };
    });
    const line = `'${process.execPath}' '${ROOT}dist/cli/main.js' nodes list --json | head -n 1; echo "status \${PIPESTATUS[0]}"`;
    const env = { PATH: process.env['PATH'], ROLLCALL_URL: endless.url };
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', line], { env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{"nodeId":"node-0".*\}\nstatus 0\n$/);
    expect(endless.asked.length).toBeLessThan(5);
  });
});
