import { describe, expect, it } from '@jest/globals';
import type { BackendDrift, Drift, DriftRepair } from '../../src/api-answers/answers.js';
import { repairText, textOf } from '../../src/cli/drift/text.js';
import { EXIT } from '../../src/cli/exit.js';
import { answering, problem } from './fake-registry.js';
import { run } from './fake-terminal.js';

const AT = '2026-11-21T08:00:00.000Z';
const LATER = '2026-11-21T08:00:10.000Z';
const LOOK = { colours: false, columns: undefined };

function backend(change: Partial<BackendDrift> = {}): BackendDrift {
  return {
    backend: 'consul',
    status: 'clean',
    auditId: 'audit',
    startedAt: AT,
    finishedAt: AT,
    compared: 100,
    entries: 100,
    unsettled: 0,
    skippedBuckets: 0,
    counts: { missing: 0, altered: 0, ghost: 0, foreign: 0 },
    cutOff: null,
    held: [],
    heldSince: null,
    repairs: 0,
    ...change,
  };
}

function drift(...backends: readonly BackendDrift[]): Drift {
  return { backends, items: [], nextCursor: null };
}

function repair(change: Partial<DriftRepair> = {}): DriftRepair {
  return {
    id: 'x',
    status: 'done',
    backend: null,
    nodeId: null,
    drift: null,
    dryRun: false,
    force: false,
    requestedAt: AT,
    finishedAt: AT,
    outcome: [],
    ...change,
  };
}

const repaired: DriftRepair['outcome'][number] = {
  backend: 'consul',
  compared: 100,
  matching: 3,
  repairs: 3,
  held: [],
  cutOff: null,
};
const missing = backend({ status: 'drifting', counts: { missing: 1, altered: 0, ghost: 0, foreign: 0 } });

describe('what it prints', () => {
  it('has a line for each backend, then why and what', () => {
    const found: Drift = {
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
          entry: null,
          firstSeenAt: AT,
          lastSeenAt: LATER,
        },
      ],
      nextCursor: 'more',
    };
    expect(textOf(found, LOOK)).toEqual([
      'BACKEND   STATUS      NODES  MISSING  ALTERED  GHOST  FOREIGN  ON THEIR WAY  AUDITED',
      `consul    held        100    1        0        0      2        3             ${AT}`,
      `postgres  incomplete  100    0        0        0      0        0             ${AT}`,
      'postgres: the audit was cut off: connection refused',
      'postgres: 4 not repaired: the next one tries again',
      '',
      'BACKEND  NODE       DRIFT    REVISION  FOUND  DIFFERS IN  SINCE',
      `consul   some?body  missing  4         -      tags port   ${AT}`,
      'and more; --limit says how many to list',
    ]);
    expect(textOf(drift(), LOOK).join()).toContain('no audit yet');
  });

  it('tells what became of a repair', () => {
    expect(repairText(repair({ outcome: [repaired] }))).toEqual(['consul: 3 entries differ, 3 repairs asked for']);
    expect(repairText(repair({ outcome: [repaired], dryRun: true }))).toEqual([
      'consul: 3 entries differ, 3 would be repaired',
    ]);
    expect(repairText(repair({ status: 'running' })).join()).toContain('GET /v1/drift/repairs/x');
  });
});

describe('what it asks for, and ends with', () => {
  it('looks, and asks for nothing, unless told', async () => {
    const { url, asked } = await answering({ body: drift(backend()) });
    expect(await run(['drift', '--url', url])).toMatchObject({ code: EXIT.ok, err: '' });
    expect(asked.map((one) => `${one.method} ${one.url}`)).toEqual(['GET /v1/drift?limit=20']);
  });

  it.each([
    ['something is missing', drift(missing), [], EXIT.refused],
    ['the audit was cut off', drift(backend({ cutOff: 'x' })), [], EXIT.refused],
    ['there was no audit yet', drift(), [], EXIT.refused],
    [
      'only foreign entries are there',
      drift(backend({ counts: { missing: 0, altered: 0, ghost: 0, foreign: 9 } })),
      [],
      EXIT.ok,
    ],
    ['the other backend differs', drift(missing, backend({ backend: 'postgres' })), ['--backend', 'postgres'], EXIT.ok],
    ['this backend differs', drift(missing, backend({ backend: 'postgres' })), ['--backend', 'consul'], EXIT.refused],
  ])('%s', async (_name, found, args, code) => {
    const { url } = await answering({ body: found });
    expect((await run(['drift', ...args, '--url', url])).code).toBe(code);
  });

  it('asks for a repair until it is done, and for the audit after it', async () => {
    const { url, asked } = await answering(
      { status: 202, body: repair({ status: 'pending', finishedAt: null }) },
      { body: repair({ outcome: [repaired] }) },
      { body: drift(missing) },
      { body: drift(backend({ startedAt: LATER })) },
    );
    const filter = ['--backend', 'consul', '--node', 'a', '--drift', 'missing', '--limit', '5'];
    const { code, out } = await run(['drift', ...filter, '--repair', '--force', '--wait', '60', '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/^consul: 3 entries differ, 3 repairs asked for\n\nBACKEND/);
    const query = 'backend=consul&nodeId=a&drift=missing&limit=5';
    expect(asked.map((one) => [one.method, one.url, one.headers['prefer'], one.body])).toEqual([
      [
        'POST',
        '/v1/drift/repair',
        'wait=30',
        { backend: 'consul', nodeId: 'a', drift: 'missing', dryRun: false, force: true },
      ],
      ['GET', '/v1/drift/repairs/x', undefined, undefined],
      ['GET', `/v1/drift?${query}`, undefined, undefined],
      ['GET', `/v1/drift?${query}`, undefined, undefined],
    ]);
  });

  it('a dry run, too, even with --repair; and all of it as JSON', async () => {
    const { url, asked } = await answering(
      { body: repair({ dryRun: true, outcome: [repaired] }) },
      { body: drift(missing) },
    );
    const { code, out } = await run(['drift', '--repair', '--dry-run', '--json', '--url', url]);
    expect(code).toBe(EXIT.refused);
    expect(JSON.parse(out)).toMatchObject({ repair: { dryRun: true }, backends: [{ backend: 'consul' }] });
    expect(asked[0]?.body).toEqual({ dryRun: true, force: false });
  });

  it('is not done in time', async () => {
    const { url } = await answering(
      { status: 202, body: repair({ status: 'running', finishedAt: null }) },
      { body: drift(missing) },
    );
    expect((await run(['drift', '--repair', '--wait', '0', '--url', url])).code).toBe(EXIT.unfinished);
  });

  it('passes on what the registry has against it', async () => {
    const { url } = await answering(problem(503, 'state-unavailable'));
    const { code, err } = await run(['drift', '--url', url]);
    expect(code).toBe(EXIT.unavailable);
    expect(err).toContain('detail of state-unavailable');
  });

  it.each([
    [['--backend', 'redis'], 'Allowed choices are consul, postgres'],
    [['--drift', 'lost'], 'Allowed choices are missing'],
    [['--drift', 'foreign', '--repair'], 'never repaired'],
    [['--force'], '--force goes with'],
    [['--wait', '601'], 'from 0 to 600'],
    [['--limit', '0'], 'from 1 to 1000'],
    [['--verbose'], '--verbose'],
  ])('refuses %j, and says why', async (args, why) => {
    const { code, err } = await run(['drift', ...args]);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(why);
  });
});
