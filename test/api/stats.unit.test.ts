import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { DatabaseNotReady, type Database } from '../../src/runtime/index.js';
import { auditedOnly } from './audited.js';
import { json, startApi, type TestApi } from './test-app.js';

/** Without the state database. */
let api: TestApi;
beforeEach(async () => {
  api = await startApi({
    get pool(): Database['pool'] {
      throw new DatabaseNotReady('connect ECONNREFUSED 10.1.2.3:5432');
    },
  });
});
afterEach(() => api.close());

const ID = '6f2d1c9e-4a5b-4c3d-8e7f-001122334455';

it.each<[string, string, RequestInit]>([
  ['GET', '/v1/dead-letters', {}],
  ['GET', `/v1/dead-letters/${ID}`, {}],
  ['POST', `/v1/dead-letters/${ID}/redrive`, {}],
  ['GET', '/v1/metrics/registrations', {}],
  ['GET', '/v1/expiry', {}],
  ['POST', '/v1/expiry/release', json({ forMs: 5000 })],
  ['POST', '/v1/expiry/resume-protection', {}],
])('%s %s is 503, to be tried again', async (method, path, init) => {
  const { status, headers, body, text } = await api.request(path, { ...init, method });
  expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  expect(DOCUMENTS.Problem.parse(body).type).toBe('/problems/state-unavailable');
  expect(text).not.toContain('10.1.2.3');
  expect(api.bus.published).toEqual([]);
});

it.each(['{ registryStats { total } }', '{ nodeHistory(id: "a-1") { totalCount } }'])(
  'GraphQL: %s says so',
  async (query) => {
    const { body } = await api.graphql(query);
    expect(body).toMatchObject({ errors: [{ extensions: { type: '/problems/state-unavailable', status: 503 } }] });
  },
);

it.each<[string, string, string | Buffer, number]>([
  ['broken JSON', 'application/json', '{', 400],
  ['nothing, announced as JSON', 'application/json', '', 400],
  ['a body that is too large', 'application/json', `"${'x'.repeat(300_000)}"`, 413],
  ['no UTF-8', 'application/json', Buffer.from([0x22, 0xff, 0x22]), 400],
  ['XML', 'text/xml', '<a/>', 415],
  ['a poisoned prototype', 'application/json', '{"__proto__":{"forMs":5000}}', 400],
])('a body of %s is a problem document, though Nest never sees it', async (_what, contentType, body, expected) => {
  await api.close();
  api = await startApi(auditedOnly(() => new Error('not asked for')));
  const headers = { 'content-type': contentType };
  const answer = await api.request('/v1/expiry/release', { method: 'POST', headers, body });
  expect([answer.status, answer.type]).toEqual([expected, 'application/problem+json']);
  expect(DOCUMENTS.Problem.parse(answer.body).status).toBe(expected);
  expect(answer.text).not.toMatch(/node_modules|\.js:/);
});
