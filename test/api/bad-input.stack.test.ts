import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { describeStack } from '../support/stack.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type TestApi } from './test-app.js';

type Errors = { type: string; errors?: { field: string }[] };

/** Path, status, type, and the field that has to be named. */
const BAD: readonly (readonly [string, number, string, string?])[] = [
  ['/v1/nodes?limit=0', 400, 'validation', 'limit'],
  ['/v1/nodes?limit=1001', 400, 'validation', 'limit'],
  ['/v1/nodes?limit=ten', 400, 'validation', 'limit'],
  ['/v1/nodes?limit=', 400, 'validation', 'limit'],
  ['/v1/nodes?limit=1e2', 400, 'validation', 'limit'],
  ['/v1/nodes?limit=5&limit=6', 400, 'validation', 'limit'],
  ['/v1/nodes?state=none', 400, 'validation', 'state'],
  ['/v1/nodes?state=', 400, 'validation', 'state'],
  ['/v1/nodes?state=active&state=rejected', 400, 'validation', 'state'],
  ['/v1/nodes?nodeType=gateway', 400, 'validation', 'nodeType'],
  ['/v1/nodes?capability=', 400, 'validation', 'capability'],
  ['/v1/nodes?capability=a%00b', 400, 'validation', 'capability'],
  [`/v1/nodes?capability=${'x'.repeat(256)}`, 400, 'validation', 'capability'],
  ['/v1/nodes?q=%00', 400, 'validation', 'q'],
  [`/v1/nodes?q=${'x'.repeat(256)}`, 400, 'validation', 'q'],
  ['/v1/nodes?cursor=', 400, 'validation', 'cursor'],
  ['/v1/nodes?cursor=abc', 400, 'validation', 'cursor'],
  [`/v1/nodes?cursor=${btoa('n:a/b')}`, 400, 'validation', 'cursor'],
  [`/v1/nodes?cursor=${btoa('h:5')}`, 400, 'validation', 'cursor'],
  ['/v1/nodes?colour=red', 400, 'validation', 'colour'],
  ['/v1/nodes?__proto__=1', 400, 'validation', '__proto__'],
  ['/v1/nodes/a-1?expand=all', 400, 'validation', 'expand'],
  ['/v1/nodes/', 404, 'route-not-found'],
  ['/v1/nodes/%00', 400, 'validation', 'nodeId'],
  ['/v1/nodes/-a', 400, 'validation', 'nodeId'],
  ['/v1/nodes/a%2Fb', 400, 'validation', 'nodeId'],
  ['/v1/nodes/a%20b', 400, 'validation', 'nodeId'],
  [`/v1/nodes/${'x'.repeat(256)}`, 400, 'validation', 'nodeId'],
  [`/v1/nodes/${'x'.repeat(8000)}`, 400, 'validation', 'nodeId'],
  ['/v1/nodes/%E0%A4%A', 400, 'malformed-request'],
  ['/v1/nodes/nobody', 404, 'node-not-found'],
  ['/v1/nodes/nobody/history', 404, 'node-not-found'],
  ['/v1/nodes/%00/history', 400, 'validation', 'nodeId'],
  [`/v1/nodes/${'x'.repeat(256)}/history`, 400, 'validation', 'nodeId'],
  ['/v1/nodes/a-1/history?limit=-1', 400, 'validation', 'limit'],
  ['/v1/nodes/a-1/history?cursor=zzz', 400, 'validation', 'cursor'],
  [`/v1/nodes/a-1/history?cursor=${btoa('n:a-1')}`, 400, 'validation', 'cursor'],
  [`/v1/nodes/a-1/history?cursor=${btoa('h:99999999999999999999')}`, 400, 'validation', 'cursor'],
  ['/v1/nodes/a-1/history?state=active', 400, 'validation', 'state'],
  ['/v1/nodes/a-1/future', 404, 'route-not-found'],
  ['/v2/nodes', 404, 'route-not-found'],
  ['/problems/nothing', 404, 'route-not-found'],
  ['/problems/toString', 404, 'route-not-found'],
];

describeStack('bad input', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  function expectProblem(answer: { status: number; type: string; text: string; body: unknown }): void {
    expect(answer.type).toBe('application/problem+json');
    expect(DOCUMENTS.Problem.parse(answer.body).status).toBe(answer.status);
    expect(answer.text).not.toMatch(/node_modules|\.js:|\.ts:|select |pg_/);
  }

  it.each(BAD.map(([path, status, type, field]) => [path, status, type, field ?? null] as const))(
    'GET %s is %i %s',
    async (path, status, type, field) => {
      const answer = await api.request(path);
      const body = answer.body as Errors;
      expect([answer.status, body.type]).toEqual([status, `/problems/${type}`]);
      expect(body.errors?.map((error) => error.field)).toEqual(field === null ? undefined : [field]);
      expectProblem(answer);
    },
  );

  it('names every wrong field at once', async () => {
    const { body } = await api.request('/v1/nodes?limit=0&state=x&nodeType=y&q=&colour=red&size=1');
    expect((body as Errors).errors?.map(({ field }) => field).sort()).toEqual(
      ['colour', 'limit', 'nodeType', 'q', 'size', 'state'].sort(),
    );
  });

  it.each([
    ['PUT', '/v1/nodes', undefined, 404, 'route-not-found'],
    ['PATCH', '/v1/nodes/a-1', undefined, 404, 'route-not-found'],
    ['POST', '/v1/nodes', 'x'.repeat(10_000_000), 413, 'payload-too-large'],
    ['POST', '/v1/nodes', '{', 400, 'malformed-request'],
  ])('%s %s is a problem', async (method, path, body, status, type) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.request(path, body === undefined ? { method } : { method, headers, body });
    // What is not read to its end may also be answered before the route is known to be missing.
    expect([404, status]).toContain(answer.status);
    expect([`/problems/${type}`, '/problems/route-not-found']).toContain((answer.body as Errors).type);
    expectProblem(answer);
  });

  it.each([
    ['GET / HTTP/1.1\r\nx: ' + 'y'.repeat(20_000) + '\r\n\r\n', 431],
    ['nonsense\r\n\r\n', 400],
  ])('is a problem document even where there is no request', async (bytes, status) => {
    const { hostname, port } = new URL(api.url);
    const text = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => resolve(received));
      // What the server has not read makes its end a reset; the answer came before.
      socket.on('error', () => undefined);
    });
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status });
  });

  it.each([
    ['a list', json([{ query: '{ __typename }' }])],
    ['no query', json({})],
    ['a number as query', json({ query: 5 })],
    ['broken JSON', { ...json(''), body: '{' }],
    ['no body', { method: 'POST', headers: { 'content-type': 'application/json' } }],
    ['another content type', { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' }],
    ['a body that is too large', { ...json(''), body: `"${'x'.repeat(10_000_000)}"` }],
    ['variables that are no object', json({ query: 'query($a: ID!) { node(id: $a) { id } }', variables: 'x' })],
    ['a document as JSON', json({ query: '{"kind":"Document","definitions":[{"kind":"Nonsense"}]}' })],
    ['a JSON text', json({ query: '"abc"' })],
    ['a JSON word', json({ query: 'null' })],
    ['two operations', json({ query: 'query a { __typename } query b { __typename }', operationName: 'b' })],
    ['an operation that is not there', json({ query: 'query a { __typename }', operationName: 'b' })],
    ['a mutation', json({ query: 'mutation { remove }' })],
    ['an unknown field', json({ query: '{ node(id: "a") { colour } }' })],
    [
      'a cycle of fragments',
      json({ query: '{ node(id: "a") { ...a } } fragment a on Node { id ...b } fragment b on Node { ...a }' }),
    ],
    ['a wrong type', json({ query: '{ nodes(first: "ten") { totalCount } }' })],
    ['a wrong enum', json({ query: '{ nodes(filter: { state: none }) { totalCount } }' })],
  ])('GraphQL: %s is an error of the caller', async (_what, init) => {
    const answer = await api.request('/graphql', init);
    expect(answer.status).toBeGreaterThanOrEqual(answer.text.includes('Unknown operation') ? 200 : 400);
    expect(answer.status).toBeLessThan(500);
    expect((answer.body as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/node_modules|\.js:|unexpected/);
  });

  it.each([
    '?query={__typename}&operationName=nobody',
    '?query={__typename}&variables=5',
    '?query={__typename}&variables={',
    '?query=',
    '',
  ])('GET /graphql%s is an error of the caller', async (query) => {
    const { status, body } = await api.request(`/graphql${query}`);
    expect([status >= 400 && status < 500, Array.isArray((body as { errors: unknown }).errors)]).toEqual([true, true]);
  });

  it.each([
    ['{ node(id: "a b") { id } }', 'id'],
    [`{ node(id: "${'x'.repeat(256)}") { id } }`, 'id'],
    ['{ node(id: "a\\u0000") { id } }', 'id'],
    ['{ nodes(first: 0) { totalCount } }', 'first'],
    ['{ nodes(first: 1001) { totalCount } }', 'first'],
    ['{ nodes(after: "x") { totalCount } }', 'after'],
    ['{ nodes(filter: { q: "" }) { totalCount } }', 'filter.q'],
    ['{ nodes(filter: { capability: "\\u0000" }) { totalCount } }', 'filter.capability'],
  ])('GraphQL: %s names its argument', async (query, field) => {
    for (let time = 1; time <= 3; time++) {
      const { body } = await api.graphql(query);
      expect(body).toMatchObject({ errors: [{ extensions: { type: '/problems/validation', errors: [{ field }] } }] });
    }
  });
});
