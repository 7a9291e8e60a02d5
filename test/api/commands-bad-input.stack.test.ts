import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { describeStack } from '../support/stack.js';
import { insertNodes } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type Answer, type TestApi } from './test-app.js';

type Sent = { readonly method: string; readonly path: string; readonly headers?: object; readonly body?: unknown };

const NODE = { nodeId: 'n-1', nodeType: 'effect' };
const deep = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
const long = (length: number): string => 'x'.repeat(length);

/** Body of POST /v1/nodes, and the fields that have to be named. */
const BODIES: readonly (readonly [unknown, ...string[]])[] = [
  [{}, 'nodeId', 'nodeType'],
  [[], 'body'],
  ['"text"', 'body'],
  [5, 'body'],
  [null, 'body'],
  [{ ...NODE, nodeId: 5 }, 'nodeId'],
  [{ ...NODE, nodeId: '' }, 'nodeId'],
  [{ ...NODE, nodeId: null }, 'nodeId'],
  [{ ...NODE, nodeId: '-a' }, 'nodeId'],
  [{ ...NODE, nodeId: 'a b' }, 'nodeId'],
  [{ ...NODE, nodeId: 'a\0' }, 'nodeId'],
  [{ ...NODE, nodeId: long(256) }, 'nodeId'],
  [{ ...NODE, nodeId: long(100_000) }, 'nodeId'],
  [{ ...NODE, nodeType: 'toaster' }, 'nodeType'],
  [{ nodeId: 'n-1' }, 'nodeType'],
  [{ ...NODE, nodeVersion: 'one' }, 'nodeVersion'],
  [{ ...NODE, nodeVersion: 1 }, 'nodeVersion'],
  [{ ...NODE, capabilities: 'gpu' }, 'capabilities'],
  [{ ...NODE, capabilities: [''] }, 'capabilities.0'],
  [{ ...NODE, capabilities: [5] }, 'capabilities.0'],
  [{ ...NODE, capabilities: ['a\0'] }, 'capabilities'],
  [{ ...NODE, capabilities: { 'a\ud800': true } }, 'capabilities'],
  [{ ...NODE, capabilities: deep(33) }, 'capabilities'],
  [{ ...NODE, endpoints: { api: 'nowhere' } }, 'endpoints.api'],
  [{ ...NODE, endpoints: { api: 5 } }, 'endpoints.api'],
  [{ ...NODE, endpoints: ['http://a', 'b'] }, 'endpoints.1'],
  [{ ...NODE, endpoints: { api: `http://${long(2048)}` } }, 'endpoints.api'],
  [{ ...NODE, endpoints: { '': 'http://a' } }, 'endpoints.'],
  [{ ...NODE, metadata: [] }, 'metadata'],
  [{ ...NODE, metadata: 'x' }, 'metadata'],
  [{ ...NODE, metadata: { a: { b: ['\udc00'] } } }, 'metadata'],
  [{ ...NODE, metadata: deep(1000) }, 'metadata'],
  [{ ...NODE, healthEndpoint: 'x' }, 'healthEndpoint'],
  [{ ...NODE, reason: 'because' }, 'reason'],
  [{ ...NODE, incarnation: -1 }, 'incarnation'],
  [{ ...NODE, incarnation: 1.5 }, 'incarnation'],
  [{ ...NODE, incarnation: '5' }, 'incarnation'],
  [{ ...NODE, acknowledgement: 'maybe' }, 'acknowledgement'],
  [{ ...NODE, liveness: null }, 'liveness'],
  [{ ...NODE, colour: 'red' }, 'colour'],
  [{ ...NODE, [long(1000)]: deep(500) }, `${long(64)}…`],
  [{ node_id: 'n-1', node_type: 'effect' }, 'nodeId', 'nodeType', 'node_id', 'node_type'],
  [{ ...NODE, node_version: '1.0.0', constructor: 1 }, 'node_version', 'constructor'],
];

/** The rest: what is sent, the status, the type, and the fields that have to be named. */
const REQUESTS: readonly (readonly [string, Sent, number, string, ...string[]])[] = [
  ['no body', { method: 'POST', path: '/v1/nodes' }, 400, 'validation', 'body'],
  ['an unknown query', post('/v1/nodes?dryRun=1', NODE), 400, 'validation', 'dryRun'],
  ['a form', text('/v1/nodes', 'nodeId=a&nodeType=effect', 'application/x-www-form-urlencoded'), 415, TYPE()],
  ['plain text', text('/v1/nodes', JSON.stringify(NODE), 'text/plain'), 415, TYPE()],
  ['XML', text('/v1/nodes', '<a/>', 'application/xml'), 415, TYPE()],
  ['broken JSON', text('/v1/nodes', '{"nodeId":'), 400, 'malformed-request'],
  ['an empty body', text('/v1/nodes', ''), 400, 'malformed-request'],
  ['a poisoned prototype', text('/v1/nodes', '{"__proto__":{"a":1}}'), 400, 'malformed-request'],
  ['10 MB', text('/v1/nodes', `{"nodeId":"${long(10_000_000)}"}`), 413, 'payload-too-large'],
  ['deep nonsense', text('/v1/nodes', '['.repeat(200_000)), 400, 'malformed-request'],
  ['a deep list', text('/v1/nodes', '['.repeat(100_000) + ']'.repeat(100_000)), 400, 'validation', 'body'],
  [
    'deep metadata',
    text('/v1/nodes', `{"nodeId":"a","nodeType":"effect","metadata":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}`),
    400,
    'validation',
    'metadata',
  ],
  ['a bad Prefer', post('/v1/nodes', NODE, { prefer: 'wait=soon' }), 400, 'validation', 'Prefer'],
  ['an empty key', post('/v1/nodes', NODE, { 'idempotency-key': '' }), 400, 'validation', 'Idempotency-Key'],
  ['a long key', post('/v1/nodes', NODE, { 'idempotency-key': long(256) }), 400, 'validation', 'Idempotency-Key'],
  ['a strange key', post('/v1/nodes', NODE, { 'idempotency-key': 'clé' }), 400, 'validation', 'Idempotency-Key'],
  ['an unknown node', del('/v1/nodes/nobody'), 404, 'node-not-found'],
  ['an unknown node, with a key', del('/v1/nodes/nobody', { 'idempotency-key': 'x' }), 404, 'node-not-found'],
  ['a bad id', del('/v1/nodes/%00'), 400, 'validation', 'nodeId'],
  ['a long id', del(`/v1/nodes/${long(300)}`), 400, 'validation', 'nodeId'],
  ['an empty reason', del('/v1/nodes/here?reason='), 400, 'validation', 'reason'],
  ['a long reason', del(`/v1/nodes/here?reason=${long(1025)}`), 400, 'validation', 'reason'],
  ['a reason with a NUL', del('/v1/nodes/here?reason=a%00'), 400, 'validation', 'reason'],
  ['two reasons', del('/v1/nodes/here?reason=a&reason=b'), 400, 'validation', 'reason'],
  ['a reason in both', del('/v1/nodes/here?reason=a', {}, { reason: 'b' }), 400, 'validation', 'reason'],
  ['a reason that is no text', del('/v1/nodes/here', {}, { reason: 5 }), 400, 'validation', 'reason'],
  ['a long reason in the body', del('/v1/nodes/here', {}, { reason: long(1025) }), 400, 'validation', 'reason'],
  ['half a character', del('/v1/nodes/here', {}, { reason: '\ud83d' }), 400, 'validation', 'reason'],
  ['an unknown field', del('/v1/nodes/here', {}, { force: true }), 400, 'validation', 'force'],
  ['a list', del('/v1/nodes/here', {}, []), 400, 'validation', 'body'],
  ['an unknown query', del('/v1/nodes/here?force=true'), 400, 'validation', 'force'],
  ['a bad Prefer', del('/v1/nodes/here', { prefer: 'wait=x' }), 400, 'validation', 'Prefer'],
  ['a bad key', del('/v1/nodes/here', { 'idempotency-key': '' }), 400, 'validation', 'Idempotency-Key'],
  ['10 MB', del('/v1/nodes/here', {}, { reason: long(10_000_000) }), 413, 'payload-too-large'],
  ['no UUID', get('/v1/operations/5'), 400, 'validation', 'id'],
  ['a NUL', get('/v1/operations/%00'), 400, 'validation', 'id'],
  ['a long id', get(`/v1/operations/${long(8000)}`), 400, 'validation', 'id'],
  ['an unknown query', get(`/v1/operations/${UNKNOWN()}?verbose=1`), 400, 'validation', 'verbose'],
  ['an unknown operation', get(`/v1/operations/${UNKNOWN()}`), 404, 'operation-not-found'],
  ['a list of operations', get('/v1/operations'), 404, 'route-not-found'],
  ['a bad target', post('/v1/introspection-requests', { targetNodeId: 'a b' }), 400, 'validation', 'targetNodeId'],
  ['a number', post('/v1/introspection-requests', { targetNodeId: 5 }), 400, 'validation', 'targetNodeId'],
  ['a long target', post('/v1/introspection-requests', { targetNodeId: long(256) }), 400, 'validation', 'targetNodeId'],
  ['wire names', post('/v1/introspection-requests', { target_node_id: 'a' }), 400, 'validation', 'target_node_id'],
  ['a text', post('/v1/introspection-requests', 'a'), 400, 'validation', 'body'],
  ['an unknown query', post('/v1/introspection-requests?all=1', {}), 400, 'validation', 'all'],
  ['10 MB', text('/v1/introspection-requests', `"${long(10_000_000)}"`), 413, 'payload-too-large'],
];

function post(path: string, body: unknown, headers: object = {}): Sent {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
function text(path: string, body: string, type = 'application/json'): Sent {
  return { method: 'POST', path, headers: { 'content-type': type }, body };
}
function del(path: string, headers: object = {}, body?: unknown): Sent {
  return body === undefined ? { method: 'DELETE', path, headers } : { ...post(path, body, headers), method: 'DELETE' };
}
function get(path: string): Sent {
  return { method: 'GET', path };
}
function TYPE(): string {
  return 'unsupported-media-type';
}
function UNKNOWN(): string {
  return '6f2d1c9e-4a5b-4c3d-8e7f-001122334455';
}

describeStack('bad commands', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    await insertNodes(state.database.pool, [{ nodeId: 'here' }]);
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  beforeEach(async () => {
    api.bus.published.length = 0;
    await state.database.pool.query('delete from operations');
  });

  const send = ({ path, ...init }: Sent): Promise<Answer> => api.request(path, init as RequestInit);

  /** A problem with these fields, and nothing on the log or among the operations. */
  async function expectProblem(answer: Answer, status: number, type: string, fields: readonly string[]): Promise<void> {
    const { errors, ...problem } = DOCUMENTS.Problem.parse(answer.body);
    expect([answer.status, answer.type, problem.type]).toEqual([
      status,
      'application/problem+json',
      `/problems/${type}`,
    ]);
    expect([...new Set(errors?.map(({ field }) => field))].sort()).toEqual([...fields].sort());
    expect(answer.text).not.toMatch(/node_modules|\.js:|\.ts:|select |pg_/);
    const { rows } = await state.database.pool.query('select * from operations');
    expect([rows, api.bus.published, api.bus.followers.size]).toEqual([[], [], 0]);
  }

  describe('POST /v1/nodes', () => {
    it.each(BODIES.map(([body, ...fields]) => [JSON.stringify(body).slice(0, 90), body, fields] as const))(
      '%s',
      async (_text, body, fields) => {
        await expectProblem(await send(post('/v1/nodes', body)), 400, 'validation', fields);
      },
    );

    it('what would be too long as a message, though the body is not', async () => {
      const body = { ...NODE, metadata: { a: long(256 * 1024 - 100) } };
      expect(JSON.stringify(body).length).toBeLessThan(256 * 1024);
      await expectProblem(await send(post('/v1/nodes', body)), 413, 'payload-too-large', []);
    });
  });

  it.each(
    REQUESTS.map(
      ([what, sent, status, type, ...fields]) =>
        [sent.method, sent.path.slice(0, 60), what, sent, status, type, fields] as const,
    ),
  )('%s %s: %s', async (_method, _path, _what, sent, status, type, fields) => {
    await expectProblem(await send(sent), status, type, fields);
  });
});
