import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BackendDrift, Drift, Repair } from '../../src/drift/answers.js';
import { parsed } from '../../src/drift/options.js';
import { DriftRest } from '../../src/drift/rest.js';
import { repairText, textOf } from '../../src/drift/text.js';

const AT = '2026-11-21T08:00:00.000Z';

function backend(change: Partial<BackendDrift> = {}): BackendDrift {
  return {
    backend: 'consul',
    status: 'clean',
    startedAt: AT,
    finishedAt: AT,
    compared: 100,
    entries: 100,
    unsettled: 0,
    counts: { missing: 0, altered: 0, ghost: 0, foreign: 0 },
    cutOff: null,
    held: [],
    ...change,
  };
}

describe('what npm run drift is asked for', () => {
  const wanted = (...args: string[]) => parsed(args, {});

  it('looks, and asks for nothing, unless told', () => {
    expect(wanted()).toEqual({
      kind: 'wanted',
      wanted: {
        url: 'http://127.0.0.1:3000',
        filter: {},
        action: 'look',
        force: false,
        waitSeconds: 30,
        limit: 20,
        json: false,
      },
    });
    expect(parsed([], { ROLLCALL_URL: 'https://registry/' })).toMatchObject({ wanted: { url: 'https://registry' } });
  });

  it('takes a filter, and what to do', () => {
    const args = ['--backend', 'postgres', '--node', 'a', '--drift', 'ghost', '--repair', '--force', '--wait', '5'];
    expect(wanted(...args)).toMatchObject({
      wanted: {
        filter: { backend: 'postgres', nodeId: 'a', drift: 'ghost' },
        action: 'repair',
        force: true,
        waitSeconds: 5,
      },
    });
    expect(wanted('--repair', '--dry-run')).toMatchObject({ wanted: { action: 'dry_run' } });
    expect(wanted('--help')).toEqual({ kind: 'help' });
  });

  it.each([
    [['--backend', 'redis'], '--backend redis'],
    [['--drift', 'lost'], '--drift lost'],
    [['--drift', 'foreign', '--repair'], 'never repaired'],
    [['--force'], '--force goes with'],
    [['--wait', '601'], '--wait 601'],
    [['--limit', '0'], '--limit 0'],
    [['--url', 'registry'], '--url registry'],
    [['--verbose'], '--verbose'],
  ])('refuses %j, and says why', (args, problem) => {
    expect(wanted(...args)).toEqual({ kind: 'wrong', problems: [expect.stringContaining(problem)] });
  });
});

describe('what it prints', () => {
  it('has a line for each backend, then why and what', () => {
    const drift: Drift = {
      backends: [
        backend({ status: 'held', counts: { missing: 1, altered: 0, ghost: 0, foreign: 2 }, unsettled: 3 }),
        backend({
          backend: 'postgres',
          status: 'incomplete',
          cutOff: 'connection refused',
          held: [{ reason: 'cut_off', entries: 4, decidedBy: 'waits', text: 'the next one tries again' }],
        }),
      ],
      items: [
        {
          backend: 'consul',
          nodeId: 'some\u001bbody',
          drift: 'missing',
          revision: 4,
          foundRevision: null,
          differences: ['tags', 'port'],
          firstSeenAt: AT,
        },
      ],
      nextCursor: 'more',
    };
    expect(textOf(drift).split('\n')).toEqual([
      'backend   status      nodes  missing  altered  ghost  foreign  on their way  audited',
      `consul    held        100    1        0        0      2        3             ${AT}`,
      `postgres  incomplete  100    0        0        0      0        0             ${AT}`,
      'postgres: the audit was cut off: connection refused',
      'postgres: 4 not repaired: the next one tries again',
      '',
      'backend  node       drift    revision  found  differs in  since',
      `consul   some?body  missing  4         -      tags port   ${AT}`,
      'and more; --limit says how many to list',
    ]);
    expect(textOf({ backends: [], items: [], nextCursor: null })).toContain('no audit yet');
  });

  it('tells what became of a repair', () => {
    const repair: Repair = {
      id: 'some-id',
      status: 'done',
      dryRun: false,
      finishedAt: AT,
      outcome: [{ backend: 'consul', matching: 3, repairs: 3, held: [], cutOff: null }],
    };
    expect(repairText(repair)).toBe('consul: 3 entries differ, 3 repairs asked for');
    expect(repairText({ ...repair, dryRun: true })).toBe('consul: 3 entries differ, 3 would be repaired');
    expect(repairText({ ...repair, status: 'running' })).toContain('GET /v1/drift/repairs/some-id');
  });
});

describe('how it speaks with the registry', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A registry that gives these answers, one after the other, and keeps what it was asked. */
  async function registry(...answers: readonly { status: number; body: unknown; type?: string }[]) {
    const asked: string[] = [];
    const left = [...answers];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(`${request.method} ${request.url} ${String(request.headers['prefer'] ?? '-')} ${body}`);
        const { status, body: answer, type = 'application/json' } = left.shift() ?? { status: 500, body: {} };
        response.writeHead(status, { 'content-type': type }).end(JSON.stringify(answer));
      });
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    const rest = new DriftRest({ url: `http://127.0.0.1:${port}`, filter: { backend: 'consul' }, limit: 5 });
    return { asked, rest };
  }

  it('asks for what is wanted, and for a repair until it is done', async () => {
    const { asked, rest } = await registry(
      { status: 200, body: { backends: [] } },
      { status: 202, body: { id: 'x', status: 'pending' } },
      { status: 200, body: { id: 'x', status: 'done' } },
    );
    expect(await rest.read()).toEqual({ backends: [] });
    expect(await rest.repair({ dryRun: true, force: false }, 60)).toEqual({ id: 'x', status: 'done' });
    expect(asked).toEqual([
      'GET /v1/drift?backend=consul&limit=5 - ',
      'POST /v1/drift/repair wait=30 {"backend":"consul","dryRun":true,"force":false}',
      'GET /v1/drift/repairs/x - ',
    ]);
  });

  it('passes on what the registry has against it', async () => {
    const { rest } = await registry(
      {
        status: 503,
        body: { title: 'x', detail: 'the state database does not answer' },
        type: 'application/problem+json',
      },
      { status: 200, body: 'hello', type: 'text/html' },
    );
    await expect(rest.read()).rejects.toThrow('answers 503: the state database does not answer');
    await expect(rest.read()).rejects.toThrow('is that a registry?');
  });

  it('says where nobody answers', async () => {
    const rest = new DriftRest({ url: 'http://127.0.0.1:1', filter: {}, limit: 5 });
    await expect(rest.read()).rejects.toThrow('no registry answers at http://127.0.0.1:1');
  });
});
