import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { AccessControl } from '../../src/api/access/access-control.js';
import { AccessHook } from '../../src/api/access/access-hook.js';
import { createHttpAdapter, type AccessOptions } from '../../src/api/index.js';
import { createLog, DatabaseNotReady, type Database } from '../../src/runtime/index.js';
import { newToken } from '../../src/token/new-token.js';
import { startApi, type TestApi } from '../api/test-app.js';
import { rawRequest } from '../security/raw-request.js';
import { accessOptions } from './options.js';

const ABSENT: Pick<Database, 'pool'> = {
  get pool(): Database['pool'] {
    throw new DatabaseNotReady('there is no database');
  },
};

function tokenOf(role: 'reader' | 'operator' | 'admin' | 'node', nodes: string | null = null) {
  const { token, entry } = newToken({ name: `the-${role}`, role, nodes });
  return { token, known: { name: `the-${role}`, role, nodes, sha256: entry.split(':').at(-1)! } };
}

const READER = tokenOf('reader');
const OPERATOR = tokenOf('operator');
const NODE = tokenOf('node', 'worker-*');
const CLOSED: Partial<AccessOptions> = { open: false, tokens: [READER.known, OPERATOR.known, NODE.known] };

let api: TestApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const bearer = ({ token }: { readonly token: string }) => ({ authorization: `Bearer ${token}` });

describe('a registry that is open on loopback', () => {
  it('lets everybody in, as anonymous', async () => {
    api = await startApi(ABSENT);
    expect((await api.request('/v1/whoami')).body).toEqual({
      name: 'anonymous',
      role: 'admin',
      source: 'none',
      nodes: null,
      expiresAt: null,
    });
    expect((await api.request('/v1/whoami', { headers: { authorization: 'Bearer whatever' } })).status).toBe(200);
  });

  it('does not answer under a name that it does not know', async () => {
    api = await startApi(ABSENT, { access: { hosts: { own: '127.0.0.1', allowed: ['rollcall.example'] } } });
    const statusFor = async (host: string) => (await rawRequest(`${api!.url}/v1/whoami`, { headers: { host } })).status;
    expect(await Promise.all(['localhost', 'rollcall.example', 'evil.example'].map(statusFor))).toEqual([
      200, 200, 421,
    ]);
  });

  it('takes no command from a page of another site', async () => {
    api = await startApi(ABSENT);
    const send = (headers: Record<string, string>) =>
      rawRequest(`${api!.url}/v1/nodes/n-1/heartbeat`, { method: 'POST', headers });
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ origin: 'http://localhost:1' })).status).toBe(403);
    expect(api.bus.published).toEqual([]);
    expect((await send({ origin: api.url })).status).toBe(202);
  });

  it('commands nothing that is not audited', async () => {
    api = await startApi(ABSENT);
    const answer = await api.request('/v1/introspection-requests', { method: 'POST' });
    expect([answer.status, answer.body]).toEqual([
      503,
      expect.objectContaining({ type: '/problems/state-unavailable' }),
    ]);
    expect(api.bus.published).toEqual([]);
  });
});

describe('a registry with tokens', () => {
  it('knows callers by them', async () => {
    api = await startApi(ABSENT, { access: CLOSED });
    const who = async (headers: Record<string, string>) => (await api!.request('/v1/whoami', { headers })).body;
    expect(await who(bearer(NODE))).toEqual({
      name: 'the-node',
      role: 'node',
      source: 'token',
      nodes: 'worker-*',
      expiresAt: null,
    });
    expect(await who({ authorization: `bearer   ${READER.token} ` })).toMatchObject({ name: 'the-reader' });
    expect(await who({})).toMatchObject({ type: '/problems/unauthenticated', status: 401 });
  });

  it('says which role an operation takes, and which one the caller has', async () => {
    api = await startApi(ABSENT, { access: CLOSED });
    const answer = await api.request('/v1/nodes/x', { method: 'DELETE', headers: bearer(READER) });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ]);
    expect(answer.body).toMatchObject({
      type: '/problems/forbidden',
      detail: 'DELETE /v1/nodes/:nodeId takes the role operator; the-reader has the role reader.',
    });
  });

  it('shows everybody what is no secret, and nobody else what it measures', async () => {
    api = await startApi(ABSENT, { access: CLOSED });
    for (const path of ['/', '/docs', '/openapi.json', '/problems', '/health/live', '/health/ready']) {
      expect([path, [401, 403].includes((await api.request(path)).status)]).toEqual([path, false]);
    }
    expect((await api.request('/metrics')).status).toBe(401);
    await api.close();
    api = await startApi(ABSENT, { access: { ...CLOSED, metricsPublic: true } });
    expect((await api.request('/metrics')).status).toBe(200);
  });

  it('counts who is refused', async () => {
    api = await startApi(ABSENT, { access: CLOSED });
    await api.request('/v1/nodes');
    await api.request('/v1/audit', { headers: bearer(READER) });
    const metrics = await api.metrics.metrics();
    expect(metrics).toContain('rollcall_refused_requests_total{reason="unauthenticated"} 1');
    expect(metrics).toContain('rollcall_refused_requests_total{reason="forbidden"} 1');
  });

  it('keeps a node to its own', async () => {
    api = await startApi(ABSENT, { access: CLOSED });
    const beat = async (nodeId: string, who = NODE) =>
      (await api!.request(`/v1/nodes/${nodeId}/heartbeat`, { method: 'POST', headers: bearer(who) })).status;
    expect([await beat('worker-1'), await beat('other-1'), await beat('other-1', OPERATOR)]).toEqual([202, 403, 202]);
    expect(api.bus.published.map(({ key }) => key)).toEqual(['worker-1', 'other-1']);
  });
});

describe('limits', () => {
  const limits = { commands: 3, reads: 5, node: 2, failures: 4 };

  it('count each caller for itself, and tell how many are left', async () => {
    api = await startApi(ABSENT, { access: { ...CLOSED, limits } });
    const ask = (who: { readonly token: string }) => api!.request('/v1/whoami', { headers: bearer(who) });
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await ask(READER));
    const within = answers.filter(({ status }) => status === 200);
    // A new second may have begun meanwhile.
    expect(within.length).toBeGreaterThanOrEqual(5);
    expect(within[0]?.headers.get('ratelimit-limit')).toBe('5');
    expect(Number(within[0]?.headers.get('ratelimit-remaining'))).toBe(4);
    expect((await ask(OPERATOR)).status).toBe(200);
  });

  it('hold for nodes one by one, however many there are', async () => {
    api = await startApi(ABSENT, { access: { ...CLOSED, limits } });
    const beat = async (nodeId: string) =>
      (await api!.request(`/v1/nodes/${nodeId}/heartbeat`, { method: 'POST', headers: bearer(NODE) })).status;
    const fleet = await Promise.all(Array.from({ length: 100 }, (_, n) => beat(`worker-${n}`)));
    expect(new Set(fleet)).toEqual(new Set([202]));
    const one = await Promise.all(Array.from({ length: 10 }, () => beat('worker-busy')));
    expect(one).toContain(429);
  });

  it('are none for probes', async () => {
    api = await startApi(ABSENT, { access: { ...CLOSED, limits } });
    const all = await Promise.all(Array.from({ length: 30 }, () => api!.request('/health/live')));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('are hard on who guesses, and not on who is known at the same address', async () => {
    api = await startApi(ABSENT, { access: { ...CLOSED, limits: { ...limits, reads: 0 } } });
    const guess = async () => (await api!.request('/v1/whoami', { headers: { authorization: 'Bearer guess' } })).status;
    const statuses = [];
    for (let n = 0; n < 7; n++) statuses.push(await guess());
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429]);
    expect((await api.request('/v1/whoami', { headers: bearer(READER) })).status).toBe(200);
  });

  it('count addresses that a trusted proxy tells of', async () => {
    const access = { ...CLOSED, limits, trustedProxies: ['127.0.0.1'] };
    api = await startApi(ABSENT, { access });
    const guess = async (from: string) =>
      (await api!.request('/v1/whoami', { headers: { authorization: 'Bearer guess', 'x-forwarded-for': from } }))
        .status;
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push(await guess('192.0.2.1'));
    expect([statuses.at(-1), await guess('192.0.2.2')]).toEqual([429, 401]);
  });

  it('do not believe anybody else about his address', async () => {
    api = await startApi(ABSENT, { access: { ...CLOSED, limits } });
    const statuses = [];
    for (let n = 0; n < 5; n++) {
      const headers = { authorization: 'Bearer guess', 'x-forwarded-for': `192.0.2.${n}` };
      statuses.push((await api.request('/v1/whoami', { headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('a route that does not say who may use it', () => {
  const noAudit = { begin: () => Promise.resolve(), finish: () => undefined } as never;
  const noRefusals = { note: () => undefined } as never;

  it('stops the start', () => {
    const fastify = createHttpAdapter().getInstance<FastifyInstance>();
    const options = accessOptions();
    const control = new AccessControl(options, createLog('silent'));
    new AccessHook(options, control, noAudit, noRefusals).install(fastify);
    expect(() => fastify.get('/v1/new', () => 'x')).toThrow(
      'GET /v1/new does not declare who may use it: give it @Access(…)',
    );
    expect(() => fastify.get('/console/index.html', () => 'x')).not.toThrow();
  });
});

describe('who opens a WebSocket', () => {
  const control = () => new AccessControl(accessOptions(CLOSED), createLog('silent'));

  it('says so in its first message', async () => {
    for (const name of ['authorization', 'Authorization']) {
      await expect(control().authenticateInit({ [name]: `Bearer ${READER.token}` })).resolves.toMatchObject({
        name: 'the-reader',
      });
    }
  });

  it('has said so before', async () => {
    const caller = control().known(`Bearer ${OPERATOR.token}`);
    await expect(control().authenticateInit(undefined, { caller })).resolves.toBe(caller);
  });

  it.each([
    ['nothing', undefined, 'unauthenticated'],
    ['null', null, 'unauthenticated'],
    ['a text', `Bearer ${READER.token}`, 'unauthenticated'],
    ['no text', { authorization: { Bearer: READER.token } }, 'unauthenticated'],
    ['the token alone', { authorization: READER.token }, 'unauthenticated'],
    ['a token that is not known', { authorization: 'Bearer x' }, 'unauthenticated'],
    ["a node's token", { authorization: `Bearer ${NODE.token}` }, 'forbidden'],
  ])('is refused with %s', async (_what, payload, type) => {
    await expect(control().authenticateInit(payload)).rejects.toMatchObject({ type });
  });

  it('need not, where nobody has to', async () => {
    const open = new AccessControl(accessOptions(), createLog('silent'));
    await expect(open.authenticateInit(undefined)).resolves.toMatchObject({ name: 'anonymous' });
  });
});
