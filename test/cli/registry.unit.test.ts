import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../src/cli/exit.js';
import { aNode, answering, fakeRegistry, NOBODY, problem, type Reply } from './fake-registry.js';
import { jsonLines, run } from './fake-terminal.js';

const EMPTY: Reply = { body: { items: [], nextCursor: null } };

describe('what the registry has against a request', () => {
  it.each<[string, Reply, number, string]>([
    [
      'a wrong field',
      problem(400, 'validation', { errors: [{ in: 'query', field: 'q', message: 'is too long' }] }),
      EXIT.refused,
      'q (query): is too long',
    ],
    ['an unknown node', problem(404, 'node-not-found'), EXIT.refused, 'rollcall nodes list -q'],
    ['no token', problem(401, 'unauthenticated'), EXIT.unauthorised, '--token-file FILE'],
    ['another role', problem(403, 'forbidden'), EXIT.unauthorised, 'with the role'],
    ['too many requests', problem(429, 'rate-limited'), EXIT.unavailable, 'try again later'],
    ['no database', problem(503, 'state-unavailable'), EXIT.unavailable, 'rollcall doctor'],
    ['its own mistake', problem(500, 'internal'), EXIT.refused, 'Not your fault'],
    [
      'a proxy that wants a token',
      { status: 401, body: '<html>', type: 'text/html' },
      EXIT.unauthorised,
      '--token-file FILE',
    ],
    ['a proxy with nobody behind', { status: 502, body: '<html>', type: 'text/html' }, EXIT.unavailable, '(502)'],
    [
      'a page of another program',
      { status: 200, body: '<html>', type: 'text/html' },
      EXIT.unavailable,
      'is that a registry?',
    ],
  ])('%s', async (_name, reply, code, says) => {
    const { url } = await answering(reply);
    const ran = await run(['nodes', 'list', '--url', url]);
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(says);
  });

  it('is JSON for programs', async () => {
    const { url } = await answering(problem(404, 'node-not-found'));
    const { code, out, err } = await run(['nodes', 'get', 'x', '--json', '--url', url]);
    expect({ code, out }).toEqual({ code: EXIT.refused, out: '' });
    expect(JSON.parse(err)).toEqual({
      type: '/problems/node-not-found',
      title: 'title of node-not-found',
      status: 404,
      detail: 'detail of node-not-found',
      exitCode: EXIT.refused,
    });
  });

  it('cannot paint over the terminal', async () => {
    const { url } = await answering(problem(400, 'validation', { detail: 'a\u001b[2Jb' }));
    expect((await run(['nodes', 'list', '--url', url])).err).toContain('a?[2Jb');
  });

  it('nobody at the address', async () => {
    const { code, err } = await run(['nodes', 'list', '--url', NOBODY]);
    expect(code).toBe(EXIT.unavailable);
    expect(err).toMatch(/no registry answers: .*ECONNREFUSED 127\.0\.0\.1:\d+\n.*--url or ROLLCALL_URL/);
  });

  it('an answer that does not come', async () => {
    const { url } = await answering(() => undefined);
    const { code, err } = await run(['nodes', 'list', '--url', url, '--timeout', '1']);
    expect({ code, err: err.split('\n')[0] }).toEqual({
      code: EXIT.unavailable,
      err: 'rollcall: no answer within 1 s; --timeout says how long to wait',
    });
  });
});

describe('where the registry is, and who asks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));
  const file = join(folder, 'token');
  writeFileSync(file, 'from-file\n');

  it.each<[readonly string[], Record<string, string>, string | undefined]>([
    [[], {}, undefined],
    [['--token', 'given'], { ROLLCALL_TOKEN: 'environment' }, 'Bearer given'],
    [[], { ROLLCALL_TOKEN: ' environment\n' }, 'Bearer environment'],
    [['--token-file', file], { ROLLCALL_TOKEN: 'environment' }, 'Bearer from-file'],
    [[], { ROLLCALL_TOKEN_FILE: file }, 'Bearer from-file'],
    [[], { ROLLCALL_TOKEN_FILE: file, ROLLCALL_TOKEN: 'environment' }, 'Bearer environment'],
  ])('%j with %j sends %s', async (args, env, authorization) => {
    const { url, asked } = await answering(EMPTY);
    await run(['nodes', 'list', ...args], { env: { ROLLCALL_URL: `${url}/`, ...env } });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([authorization]);
  });

  it('keeps a path before the API, and takes options before and behind the command', async () => {
    const { url, asked } = await answering(EMPTY, EMPTY);
    await run(['--url', `${url}/registry/`, 'nodes', 'list', '--json']);
    await run(['--json', 'nodes', 'list', '--url', `${url}/registry`]);
    expect(asked.map((one) => one.url)).toEqual(Array(2).fill('/registry/v1/nodes?limit=1000'));
  });
});

describe('pages', () => {
  /** A registry of so many nodes. */
  const ofNodes = (count: number) =>
    fakeRegistry(({ url }) => {
      const query = new URL(url, 'http://x').searchParams;
      const from = Number(query.get('cursor') ?? 0);
      const to = Math.min(count, from + Number(query.get('limit')));
      const items = Array.from({ length: to - from }, (_, index) => aNode(`node-${from + index}`));
      return { body: { items, nextCursor: to < count ? String(to) : null } };
    });

  it('are followed to the end, filters and all; the moment goes with the first', async () => {
    const { url, asked } = await ofNodes(2500);
    const args = [
      '--state',
      'active',
      '--type',
      'effect',
      '--capability',
      'a',
      '-q',
      'b',
      '--as-of',
      '2026-11-21T08:00:00Z',
    ];
    const { code, out } = await run(['nodes', 'list', '--json', ...args, '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(jsonLines(out)).toHaveLength(2500);
    const filters = 'state=active&nodeType=effect&capability=a&q=b';
    expect(asked.map((one) => one.url)).toEqual([
      `/v1/nodes?${filters}&asOf=2026-11-21T08%3A00%3A00Z&limit=1000`,
      `/v1/nodes?${filters}&limit=1000&cursor=1000`,
      `/v1/nodes?${filters}&limit=1000&cursor=2000`,
    ]);
  });

  it.each([1, 999, 1000, 1001, 2500, 4000])('--limit %d is kept', async (limit) => {
    const { url, asked } = await ofNodes(2500);
    const { out } = await run(['nodes', 'list', '--limit', String(limit), '--url', url]);
    const count = Math.min(limit, 2500);
    expect(out.trimEnd().split('\n')).toHaveLength(count + 1);
    expect(asked).toHaveLength(Math.ceil(count / 1000));
  });

  it('tells when nothing is found, beside the results', async () => {
    const { url } = await answering(EMPTY, EMPTY);
    expect(await run(['nodes', 'list', '--url', url])).toEqual({ code: 0, out: '', err: 'no node is like that\n' });
    expect(await run(['nodes', 'list', '--json', '--url', url])).toEqual({ code: 0, out: '', err: '' });
  });
});
