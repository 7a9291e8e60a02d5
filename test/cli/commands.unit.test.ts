import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../src/cli/exit.js';
import { aNode, answering, problem, type Reply } from './fake-registry.js';
import { jsonLines, run } from './fake-terminal.js';

const OPERATION = '01a1fe24-0983-73a5-8bef-4d49f90ab7d2';
const REGISTERED: Reply = {
  status: 201,
  body: { operationId: OPERATION, status: 'success', registeredNodeId: 'billing-7' },
};
const STARTED: Reply = { status: 202, body: { operationId: OPERATION } };

function operation(status: string, more: object = {}): Reply {
  const step = { eventType: 'REGISTER_NODE', rule: 'begin_attempt', path: 'none > active', occurredAt: 'then' };
  return { body: { id: OPERATION, kind: 'register', nodeId: 'billing-7', status, steps: [step], ...more } };
}

/** However often one looks. */
const STILL_PENDING: readonly Reply[] = Array.from({ length: 100 }, () => operation('pending'));

describe('nodes', () => {
  it('list shows the fleet to people', async () => {
    const silent = aNode('billing-8', { state: 'liveness_expired', lastHeartbeatAt: null, degraded: true });
    const { url } = await answering({ body: { items: [aNode('billing-7'), silent], nextCursor: null } });
    const { out } = await run(['nodes', 'list', '--url', url]);
    expect(out.split('\n')).toEqual([
      'NODE       TYPE    VERSION  STATE                       REV  HEARD  CHANGED  CAPABILITIES',
      'billing-7  effect  1.4.0    active                      3    5s     3m       invoices refunds',
      'billing-8  effect  1.4.0    liveness_expired, degraded  3    -      3m       invoices refunds',
      '',
    ]);
  });

  it('get shows all of a node; --json is what the registry says', async () => {
    const node = aNode('a/b');
    const { url, asked } = await answering({ body: node }, { body: node });
    const { out } = await run(['nodes', 'get', 'a/b', '--as-of', 'then', '--url', url]);
    expect(asked[0]?.url).toBe('/v1/nodes/a%2Fb?asOf=then');
    expect(out).toContain('capability      invoices\n                refunds\n                off: false\n');
    expect(out).toContain('endpoint        api: http://10.0.0.7:8080\n');
    expect(JSON.parse((await run(['nodes', 'get', 'a/b', '--json', '--url', url])).out)).toEqual(node);
  });

  it('get shows the key of a node that signs', async () => {
    const { url } = await answering({ body: aNode('signs', { publicKey: 'A6EH' }) }, { body: aNode('does-not') });
    expect((await run(['nodes', 'get', 'signs', '--url', url])).out).toContain('public key      A6EH\n');
    expect((await run(['nodes', 'get', 'does-not', '--url', url])).out).not.toContain('public key');
  });

  it('colours are for a terminal', async () => {
    const reply: Reply = { body: { items: [aNode('a')], nextCursor: null } };
    const { url } = await answering(reply, reply, reply);
    const args = ['nodes', 'list', '--url', url];
    expect((await run(args, { columns: 80 })).out).toContain('\u001b[32mactive\u001b[0m');
    expect((await run([...args, '--no-color'], { columns: 80 })).out).not.toContain('\u001b');
    expect((await run(args)).out).not.toContain('\u001b');
  });

  it('history and explain', async () => {
    const item = {
      version: 1,
      eventId: 'e',
      eventType: 'REGISTER_NODE',
      rule: 'r',
      path: 'none > active',
      occurredAt: 't',
    };
    const { url, asked } = await answering(
      { body: { items: [item], nextCursor: null } },
      { body: { nodeId: 'a', state: 'active', text: 'a is active.\nSo\u001b it is.' } },
    );
    expect((await run(['nodes', 'history', 'a', '--url', url])).out).toContain(
      '1        t     REGISTER_NODE  r     none > active',
    );
    expect((await run(['nodes', 'explain', 'a', '--url', url])).out).toBe('a is active.\nSo? it is.\n');
    expect(asked.map((one) => one.url)).toEqual(['/v1/nodes/a/history?limit=1000', '/v1/nodes/a/explain']);
  });
});

describe('register', () => {
  it('sends what the options say, and waits for the outcome', async () => {
    const { url, asked } = await answering(REGISTERED);
    const options = [
      '--type',
      'effect',
      '--node-version',
      '1.4.0',
      '--capability',
      'invoices',
      '--capability',
      'refunds',
    ];
    const places = [
      '--endpoint',
      'http://a:1',
      '--endpoint',
      'admin=http://a:2',
      '--health-endpoint',
      'http://a:1/health',
    ];
    const details = [
      '--metadata',
      'zone=b',
      '--metadata',
      'weight=3',
      '--metadata',
      'a={"b":[1]}',
      '--incarnation',
      '1795251600000',
    ];
    const rest = ['--acknowledgement', 'required', '--liveness', 'heartbeat', '--idempotency-key', 'k', '--wait', '5'];
    const ran = await run(['register', 'billing-7', ...options, ...places, ...details, ...rest, '--url', url]);
    expect(ran).toEqual({ code: EXIT.ok, out: 'billing-7 is registered\n', err: '' });
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: '/v1/nodes',
      headers: { prefer: 'wait=5', 'idempotency-key': 'k', 'content-type': 'application/json' },
      body: {
        nodeId: 'billing-7',
        nodeType: 'effect',
        nodeVersion: '1.4.0',
        capabilities: ['invoices', 'refunds'],
        endpoints: { api: 'http://a:1', admin: 'http://a:2' },
        metadata: { zone: 'b', weight: 3, a: { b: [1] } },
        healthEndpoint: 'http://a:1/health',
        incarnation: 1795251600000,
        acknowledgement: 'required',
        liveness: 'heartbeat',
      },
    });
  });

  it('reads JSON, YAML and standard input; options stand in place of what a file says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));
    writeFileSync(join(folder, 'a.json'), '{ "nodeId": "from-json", "nodeType": "effect" }');
    writeFileSync(join(folder, 'a.yaml'), 'nodeId: from-yaml\nnodeType: effect\ncapabilities: [invoices]\n');
    const { url, asked } = await answering(REGISTERED, REGISTERED, REGISTERED);
    await run(['register', '--file', join(folder, 'a.json'), '--url', url]);
    await run(['register', 'other', '--file', join(folder, 'a.yaml'), '--type', 'compute', '--url', url]);
    await run(['register', '--file', '-', '--url', url], { stdin: 'nodeId: typed\nnodeType: reducer\n' });
    expect(asked.map(({ body }) => body)).toEqual([
      { nodeId: 'from-json', nodeType: 'effect' },
      { nodeId: 'other', nodeType: 'compute', capabilities: ['invoices'] },
      { nodeId: 'typed', nodeType: 'reducer' },
    ]);
    writeFileSync(join(folder, 'list.json'), '[]');
    const { code, err } = await run(['register', '--file', join(folder, 'list.json'), '--url', url]);
    expect({ code, says: err.includes('has to hold one object') }).toEqual({ code: EXIT.usage, says: true });
  });

  it.each<[string, readonly Reply[], readonly string[], number, string]>([
    [
      'a backend is pending',
      [{ body: { operationId: OPERATION, status: 'partial' } }],
      [],
      EXIT.ok,
      'one of the two backends',
    ],
    [
      'it failed',
      [{ body: { operationId: OPERATION, status: 'failed', reason: 'superseded' } }],
      [],
      EXIT.refused,
      'it failed: superseded',
    ],
    ['nobody waits', [STARTED], ['--wait', '0'], EXIT.ok, `sent; rollcall operations get ${OPERATION}`],
    ['it takes too long', [STARTED, ...STILL_PENDING], ['--wait', '1'], EXIT.unfinished, 'not decided yet'],
    [
      'it is decided after all',
      [STARTED, operation('pending'), operation('succeeded')],
      ['--wait', '60'],
      EXIT.ok,
      'is registered',
    ],
    [
      'it is refused after all',
      [STARTED, operation('failed', { reason: 'stale' })],
      ['--wait', '60'],
      EXIT.refused,
      'it failed: stale',
    ],
  ])('%s', async (_name, replies, args, code, says) => {
    const { url } = await answering(...replies);
    const ran = await run(['register', 'billing-7', '--type', 'effect', ...args, '--url', url]);
    expect(ran.code).toBe(code);
    expect(ran.out).toContain(says);
  });

  it('has one form of JSON, whichever way the outcome came', async () => {
    const { url } = await answering(REGISTERED, STARTED, operation('succeeded'));
    const args = ['register', 'billing-7', '--type', 'effect', '--json', '--url', url];
    const once = JSON.parse((await run(args)).out);
    expect(once).toEqual({ nodeId: 'billing-7', operationId: OPERATION, status: 'success', reason: null });
    expect(JSON.parse((await run(args)).out)).toEqual(once);
  });
});

it('deregister', async () => {
  const { url, asked } = await answering(
    { body: { operationId: OPERATION, status: 'success', nodeId: 'a', state: 'deregistered' } },
    { body: { operationId: null, status: 'success', nodeId: 'a', state: 'deregistered' } },
    problem(404, 'node-not-found'),
  );
  const first = await run(['deregister', 'a', '--reason', 'replaced by b', '--url', url]);
  expect(first).toMatchObject({ code: EXIT.ok, out: 'a is deregistered\n' });
  expect((await run(['deregister', 'a', '--url', url])).out).toBe('a is deregistered already\n');
  expect((await run(['deregister', 'b', '--url', url])).code).toBe(EXIT.refused);
  expect(asked[0]).toMatchObject({
    method: 'DELETE',
    url: '/v1/nodes/a?reason=replaced+by+b',
    headers: { prefer: 'wait=30' },
  });
});

it.each<[string, readonly Reply[], readonly string[], number]>([
  ['succeeded', [operation('succeeded')], [], EXIT.ok],
  ['failed', [operation('failed', { reason: 'stale' })], [], EXIT.refused],
  ['pending', [operation('pending')], [], EXIT.ok],
  ['pending for too long', STILL_PENDING, ['--wait', '1'], EXIT.unfinished],
  ['decided while one waits', [operation('pending'), operation('succeeded')], ['--wait', '30'], EXIT.ok],
])('operations get: %s', async (_name, replies, args, code) => {
  const { url } = await answering(...replies);
  const ran = await run(['operations', 'get', OPERATION, ...args, '--url', url]);
  expect(ran.code).toBe(code);
  expect(ran.out).toContain('is to      register billing-7');
});

it('introspect asks one node, or all', async () => {
  const { url, asked } = await answering(
    { status: 202, body: { eventId: 'e' } },
    { status: 202, body: { eventId: 'e' } },
  );
  expect((await run(['introspect', 'a', '--url', url])).out).toBe('a is asked to introduce itself (event e)\n');
  expect((await run(['introspect', '--url', url])).out).toContain('every node is asked');
  expect(asked.map(({ body }) => body)).toEqual([{ targetNodeId: 'a' }, {}]);
});

describe('expiry', () => {
  const running = { status: 'running', heldSince: null, expiring: 0, live: 0, releasedUntil: null, reason: null };
  const held = { ...running, status: 'held', heldSince: 'then', expiring: 40, live: 50, reason: '40 of 50 at once' };

  it('status 1 while it is held, and what to do', async () => {
    const { url } = await answering({ body: running }, { body: held });
    expect((await run(['expiry', 'status', '--url', url])).code).toBe(EXIT.ok);
    const { code, out } = await run(['expiry', 'status', '--url', url]);
    expect(code).toBe(EXIT.refused);
    expect(out).toContain('40 of 50 that owed heartbeats');
    expect(out).toContain('rollcall expiry release');
  });

  it('is released for a time, and protected again', async () => {
    const { url, asked } = await answering(
      { status: 202, body: running },
      { status: 202, body: running },
      { status: 202, body: running },
    );
    await run(['expiry', 'release', '--for', '10m', '--url', url]);
    await run(['expiry', 'release', '--url', url]);
    await run(['expiry', 'protect', '--url', url]);
    expect(asked.map((one) => [one.method, one.url, one.body])).toEqual([
      ['POST', '/v1/expiry/release', { forMs: 600_000 }],
      ['POST', '/v1/expiry/release', {}],
      ['POST', '/v1/expiry/resume-protection', undefined],
    ]);
  });
});

describe('dead letters', () => {
  const letter = {
    id: 'l1',
    originalTopic: 't',
    originalPartition: 0,
    originalOffset: '42',
    cause: 'malformed',
    reason: 'the key is null',
    nodeId: null,
    valueTruncated: false,
    occurredAt: 'then',
    rootId: 'l1',
    attempt: 1,
    quarantined: true,
  };
  const detail = {
    ...letter,
    redrives: [],
    originalKey: null,
    originalValue: 'e30=',
    originalText: '{}',
    originalHeaders: { event_type: 'NODE_HEARTBEAT' },
    lineQuarantined: true,
    successors: [],
  };
  const report = { requestId: 'r', dryRun: true, matched: 2, moreMatch: false, sent: { count: 1, ids: ['l1'] } };

  it('are listed by filter', async () => {
    const { url, asked } = await answering({ body: { items: [letter], nextCursor: null } });
    const filter = [
      '--cause',
      'malformed',
      '--topic',
      't',
      '--node',
      'n',
      '--reason',
      'key',
      '--from',
      'f',
      '--to',
      'u',
    ];
    const { out } = await run([
      'dead-letters',
      'list',
      ...filter,
      '--redriven',
      'never',
      '--quarantined',
      'true',
      '--url',
      url,
    ]);
    expect(asked[0]?.url).toBe(
      '/v1/dead-letters?cause=malformed&originalTopic=t&nodeId=n&reasonContains=key&occurredFrom=f&occurredTo=u' +
        '&redriven=never&quarantined=true&limit=1000',
    );
    expect(out).toContain('t/0@42  in quarantine: the key is null');
  });

  it('one is shown with its original, and released', async () => {
    const { url, asked } = await answering({ body: detail }, { body: { id: 'l1', released: ['l1'] } });
    const { out } = await run(['dead-letters', 'get', 'l1', '--url', url]);
    expect(out).toContain('header       event_type: NODE_HEARTBEAT');
    expect(out.endsWith('\n\n{}\n')).toBe(true);
    expect((await run(['dead-letters', 'release', 'l1', '--url', url])).out).toContain('no longer in quarantine: l1');
    expect(asked[1]).toMatchObject({ method: 'POST', url: '/v1/dead-letters/l1/release' });
  });

  it('are sent again by filter, which is no dry run unless told', async () => {
    const notSent = [{ why: 'quarantined', count: 1, ids: ['l2'] }];
    const { url, asked } = await answering({ body: { ...report, notSent } }, { body: { ...report, notSent: [] } });
    const { code, out } = await run(['dead-letters', 'redrive', '--cause', 'malformed', '--dry-run', '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(out.split('\n').slice(0, 4)).toEqual([
      '2 letters match; 1 would be sent',
      '  l1',
      'not sent, quarantined: 1',
      '  l2',
    ]);
    await run(['dead-letters', 'redrive', '--all', '--again', '--limit', '5', '--url', url]);
    expect(asked.map(({ body }) => body)).toEqual([
      { filter: { cause: 'malformed', redriven: 'never' }, dryRun: true },
      { filter: { redriven: 'any' }, dryRun: false, limit: 5 },
    ]);
  });

  it('status 1 when the log did not take them', async () => {
    const { url } = await answering({ body: { ...report, notSent: [{ why: 'not_tried', count: 1, ids: [] }] } });
    expect((await run(['dead-letters', 'redrive', '--all', '--url', url])).code).toBe(EXIT.refused);
  });

  it('are sent again by their ids, each for itself', async () => {
    const { url, asked } = await answering(
      problem(409, 'dead-letter-quarantined'),
      { status: 202, body: {} },
      problem(401, 'unauthenticated'),
    );
    const { code, out } = await run(['dead-letters', 'redrive', 'l1', 'l2', '--json', '--url', url]);
    expect(code).toBe(EXIT.refused);
    expect(jsonLines(out)).toEqual([
      { id: 'l1', dryRun: false, sent: false, why: 'detail of dead-letter-quarantined' },
      { id: 'l2', dryRun: false, sent: true, why: null },
    ]);
    expect(asked.map(({ url: path, body }) => [path, body])).toEqual([
      ['/v1/dead-letters/l1/redrive', { force: false }],
      ['/v1/dead-letters/l2/redrive', { force: false }],
    ]);
    expect((await run(['dead-letters', 'redrive', 'l3', '--url', url])).code).toBe(EXIT.unauthorised);
  });

  it('a dry run by ids asks for nothing', async () => {
    const { url, asked } = await answering(
      { body: detail },
      { body: detail },
      { body: { ...detail, valueTruncated: true } },
    );
    const args = ['dead-letters', 'redrive', 'l1', '--dry-run', '--url', url];
    expect((await run(args)).out).toBe('l1  not sent: it is in quarantine\n');
    expect((await run([...args, '--force'])).out).toBe('l1  would be sent\n');
    expect((await run(args)).out).toBe('l1  not sent: it was not kept whole\n');
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });
});

describe('who did what', () => {
  const entry = (change: object) => ({
    at: '2026-11-21T12:00:00.000Z',
    action: 'node.deregister',
    caller: { name: 'ada', role: 'operator', source: 'token' },
    ip: '10.0.0.9',
    target: 'billing-7',
    outcome: 'done',
    status: 200,
    problem: null,
    count: 1,
    ...change,
  });
  const nobody = entry({ caller: null, action: 'request', target: null, outcome: 'refused', problem: 'unauthenticated', count: 12 }); // prettier-ignore
  const cut = entry({ outcome: null, status: null });

  it('audit tells callers and outcomes, in the words of the API', async () => {
    const { url, asked } = await answering({ body: { items: [entry({}), nobody, cut], nextCursor: null } });
    const filter = ['--caller', 'ada', '--outcome', 'done', '--target', 'billing-7', '--from', 'f', '--to', 't'];
    const { code, out } = await run(['audit', ...filter, '--action', 'node.deregister', '--limit', '3', '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(asked[0]?.url).toBe(
      '/v1/audit?caller=ada&action=node.deregister&outcome=done&target=billing-7&from=f&to=t&limit=3',
    );
    const rows = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.slice(0, -1)).toEqual([
      ['WHEN', 'CALLER', 'FROM', 'ACTION', 'TARGET', 'OUTCOME', 'TIMES'],
      ['2026-11-21T12:00:00.000Z', 'ada (operator)', '10.0.0.9', 'node.deregister', 'billing-7', 'done', '1'],
      ['2026-11-21T12:00:00.000Z', '-', '10.0.0.9', 'request', '-', 'refused: unauthenticated', '12'],
      ['2026-11-21T12:00:00.000Z', 'ada (operator)', '10.0.0.9', 'node.deregister', 'billing-7', 'not known', '1'],
    ]);
  });

  it('audit says when nothing is like that; --json is what the registry says', async () => {
    const { url } = await answering(
      { body: { items: [], nextCursor: null } },
      { body: { items: [nobody], nextCursor: null } },
    );
    expect(await run(['audit', '--url', url])).toEqual({ code: EXIT.ok, out: '', err: 'no entry is like that\n' });
    expect(jsonLines((await run(['audit', '--json', '--url', url])).out)).toEqual([nobody]);
  });

  it('whoami tells what the token may do', async () => {
    const caller = { name: 'worker', role: 'node', source: 'oidc', nodes: 'worker-*', expiresAt: '2026-11-21T13:00:00.000Z' }; // prettier-ignore
    const { url } = await answering({ body: caller }, { body: caller });
    expect((await run(['whoami', '--url', url])).out.split('\n')).toEqual([
      'name        worker',
      'role        node',
      'known by    a token of the OpenID provider',
      'speaks for  worker-*',
      'until       2026-11-21T13:00:00.000Z',
      '',
    ]);
    expect(JSON.parse((await run(['whoami', '--json', '--url', url])).out)).toEqual(caller);
  });
});
