import { afterEach, describe, expect, it } from '@jest/globals';
import { Counter } from 'prom-client';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { DatabaseNotReady, type Database } from '../../src/runtime/index.js';
import { auditedOnly } from './audited.js';
import { json, startApi, type TestApi } from './test-app.js';

type Pool = Database['pool'];

/** A database of which nothing is needed, or that fails as told. */
function failing(error: () => Error): Pick<Database, 'pool'> {
  return { pool: { query: () => Promise.reject(error()) } as unknown as Pool };
}
const ABSENT: Pick<Database, 'pool'> = {
  get pool(): Pool {
    throw new DatabaseNotReady('the state database is not there yet: connect ECONNREFUSED secret.example:5432');
  },
};

let api: TestApi;
afterEach(() => api.close());

describe('health', () => {
  const lost = () => Promise.reject(new Error('away'));
  const there = () => Promise.resolve({ details: { lag: 0 } });

  it.each([
    { kafka: there, consul: there, expected: ['healthy', 200, 200] },
    { kafka: there, consul: lost, expected: ['degraded', 200, 200] },
    { kafka: lost, consul: there, expected: ['unhealthy', 503, 503] },
  ])('is $expected', async ({ kafka, consul, expected }) => {
    api = await startApi(ABSENT);
    api.health.register({ name: 'kafka', critical: true, check: kafka });
    api.health.register({ name: 'consul', critical: false, check: consul });
    await new Promise((resolve) => setImmediate(resolve));
    const [all, ready, live] = await Promise.all(
      ['/health', '/health/ready', '/health/live'].map((path) => api.request(path)),
    );
    const health = DOCUMENTS.Health.parse(all?.body);
    expect([health.status, all?.status, ready?.status]).toEqual(expected);
    expect(Object.keys(health.components)).toEqual(['kafka', 'consul']);
    expect(Object.keys(DOCUMENTS.Health.parse(ready?.body).components)).toEqual(['kafka']);
    expect([live?.status, live?.body]).toEqual([200, { status: 'healthy', components: {} }]);
    expect(all?.headers.get('cache-control')).toBe('no-store');
  });

  it('is not ready before the first check', async () => {
    api = await startApi(ABSENT);
    api.health.register({ name: 'state', critical: true, check: () => new Promise(() => undefined) });
    expect((await api.request('/health/ready')).status).toBe(503);
  });
});

describe('a database that is not there', () => {
  it.each([
    ['not connected yet', ABSENT],
    [
      'refused',
      failing(() => Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' })),
    ],
    ['timed out', failing(() => new Error('Query read timeout'))],
    ['shutting down', failing(() => Object.assign(new Error('terminating connection'), { code: '57P01' }))],
  ])('%s: 503 with Retry-After', async (_what, database) => {
    api = await startApi(database);
    for (const path of ['/v1/nodes', '/v1/nodes?capability=x', '/v1/nodes/a-1', '/v1/nodes/a-1/history']) {
      const { status, type, headers, body, text } = await api.request(path);
      expect([status, type, headers.get('retry-after')]).toEqual([503, 'application/problem+json', '5']);
      expect(body).toMatchObject({ type: '/problems/state-unavailable' });
      expect(text).not.toMatch(/10\.1\.2\.3|secret\.example/);
    }
    const { body } = await api.graphql('{ node(id: "a-1") { id } }');
    expect(body).toMatchObject({ errors: [{ extensions: { type: '/problems/state-unavailable', status: 503 } }] });
  });

  it('is told from a mistake of ours, which shows nothing of itself', async () => {
    api = await startApi(
      failing(() => Object.assign(new Error('relation "secret_table" is missing'), { code: '42P01' })),
    );
    for (const answer of [
      await api.request('/v1/nodes'),
      await api.request('/v1/nodes/a-1'),
      await api.graphql('{ nodes { totalCount } }'),
      await api.graphql('{ nodes { totalCount } }'),
      await api.graphql('{ nodes { totalCount } }'),
    ]) {
      expect(answer.status).toBe(500);
      expect(answer.text).toContain('/problems/internal');
      expect(answer.text).not.toMatch(/secret_table|node_modules/);
    }
  });
});

it.each(['/v1/expiry/release', '/v1/drift/repair', '/v1/introspection-requests', '/v1/dead-letters/redrive'])(
  '%s takes no body or an object, and not null',
  async (path) => {
    api = await startApi(auditedOnly(() => new Error('not asked for')));
    const { status, body } = await api.request(path, json(null));
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ errors: [{ in: 'body', field: 'body', message: 'must be a JSON object' }] }),
    ]);
  },
);

describe('what describes itself', () => {
  it('serves metrics', async () => {
    api = await startApi(ABSENT);
    new Counter({ name: 'rollcall_test_total', help: 'x', registers: [api.metrics] }).inc(3);
    const { headers, text } = await api.request('/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('rollcall_test_total 3');
  });

  it('serves OpenAPI, and a page of it', async () => {
    api = await startApi(ABSENT);
    const { body } = await api.request('/openapi.json');
    const { openapi, info, paths, components } = body as Record<string, Record<string, object>>;
    expect([openapi, info]).toEqual(['3.1.0', expect.objectContaining({ version: '1.2.3' })]);
    expect(Object.keys(paths ?? {}).sort()).toEqual([
      '/health',
      '/health/live',
      '/health/ready',
      '/v1/audit',
      '/v1/dead-letters',
      '/v1/dead-letters/redrive',
      '/v1/dead-letters/{id}',
      '/v1/dead-letters/{id}/redrive',
      '/v1/dead-letters/{id}/release',
      '/v1/drift',
      '/v1/drift/repair',
      '/v1/drift/repairs/{id}',
      '/v1/events',
      '/v1/expiry',
      '/v1/expiry/release',
      '/v1/expiry/resume-protection',
      '/v1/introspection-requests',
      '/v1/metrics/registrations',
      '/v1/nodes',
      '/v1/nodes/{nodeId}',
      '/v1/nodes/{nodeId}/ack',
      '/v1/nodes/{nodeId}/backends',
      '/v1/nodes/{nodeId}/events',
      '/v1/nodes/{nodeId}/explain',
      '/v1/nodes/{nodeId}/heartbeat',
      '/v1/nodes/{nodeId}/history',
      '/v1/nodes/{nodeId}/introspection',
      '/v1/nodes/{nodeId}/steps',
      '/v1/operations/{id}',
      '/v1/whoami',
    ]);
    const referred = [...JSON.stringify(paths).matchAll(/schemas\/(\w+)/g)].map((match) => match[1]);
    expect(Object.keys(components?.['schemas'] ?? {})).toEqual(expect.arrayContaining(referred));
    expect((await api.request('/docs')).type).toBe('text/html');
    expect((await api.request('/docs/swagger-ui.css')).type).toBe('text/css');
  });

  it('serves AsyncAPI, with the topics as they are named here', async () => {
    api = await startApi(ABSENT, { topicPrefix: 'my.fleet' });
    const { type, body } = await api.request('/asyncapi.json');
    expect(type).toBe('application/json');
    expect(body).toMatchObject({
      asyncapi: '3.0.0',
      info: { version: '1.2.3' },
      channels: { nodeHeartbeat: { address: '{topicPrefix}.evt.node-heartbeat.v1' } },
      components: { parameters: { topicPrefix: { default: 'my.fleet' } } },
    });
  });

  it('tells where everything is', async () => {
    api = await startApi(ABSENT);
    const { type, text } = await api.request('/');
    expect(type).toBe('text/html');
    for (const [, path] of text.matchAll(/href="([^"]+)"/g)) {
      expect([path, (await api.request(path ?? '')).status]).not.toEqual([path, 404]);
    }
  });

  it('explains every problem under its type', async () => {
    api = await startApi(ABSENT);
    const { items } = (await api.request('/problems')).body as { items: { type: string }[] };
    for (const item of items) expect((await api.request(item.type)).body).toEqual(item);
  });
});
