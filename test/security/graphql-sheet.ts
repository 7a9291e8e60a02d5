import { describe, expect, it } from '@jest/globals';
import { rawRequest } from './raw-request.js';
import { json, typeOf, type Answer, type World } from './world.js';

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
};

const FIELDS =
  'id nodeId nodeType nodeVersion state degraded capabilities endpoints metadata revision attemptId incarnation registeredAt updatedAt';
const COSTLY = `{ nodes(first: 1000) { edges { node { ${FIELDS} } } } more: nodes(first: 1000) { edges { cursor node { ${FIELDS}
  ${Array.from({ length: 18 }, (_, n) => `a${n}: id`).join(' ')} } } } last: registry(asOf: "2026-01-01T00:00:00Z") {
  nodes(first: 1000) { edges { node { ${FIELDS} } } } } }`;

function deep(levels: number): string {
  return `{ explain(id: "a") ${'{ because '.repeat(levels)}{ rule }${' }'.repeat(levels)} }`;
}

function many(fields: number): string {
  return `{ ${Array.from({ length: fields }, (_, n) => `a${n}: registryStats { total }`).join(' ')} }`;
}

function messages({ body }: Answer): string {
  return JSON.stringify(body?.['errors'] ?? []);
}

/** OWASP's GraphQL cheat sheet, point by point: https://cheatsheetseries.owasp.org/cheatsheets/GraphQL_Cheat_Sheet.html */
export function graphqlSheet(world: () => World): void {
  describe('the GraphQL cheat sheet', () => {
    it('access: not without credentials, not for nodes', async () => {
      const query = '{ registryStats { total } }';
      const statuses = await Promise.all(
        ([null, 'node', 'reader'] as const).map(async (caller) => (await world().graphql(query, caller)).status),
      );
      expect(statuses).toEqual([401, 403, 200]);
      const byUrl = await world().as(null, `/graphql?query=${encodeURIComponent(query)}`);
      expect([byUrl.status, byUrl.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="rollcall"']);
    });

    it.each([
      ['the schema', '{ __schema { types { name } } }'],
      ['a type', '{ __type(name: "Node") { fields { name } } }'],
      ['the schema, in a fragment', 'query { ...f } fragment f on Query { __schema { queryType { name } } }'],
    ])('introspection is off in production: %s', async (_what, query) => {
      const answer = await world().graphql(query);
      expect(answer.status).toBe(400);
      expect(messages(answer)).toContain('introspection');
    });

    it('no field is suggested in place of a wrong one', async () => {
      for (const query of [
        '{ node(id: "a") { nodeTyp } }',
        '{ nodez { totalCount } }',
        '{ nodes(filter: { stat: active }) { totalCount } }',
      ]) {
        const answer = await world().graphql(query);
        expect(answer.status).toBe(400);
        expect(messages(answer)).not.toMatch(/did you mean|nodeType|"nodes"/i);
      }
    });

    it.each([
      ['depth', deep(12), /depth 1\d, at most/],
      ['aliases', many(25), /aliases 25, at most/],
      ['fields at the root', many(11), /rootFields 11, at most/],
      ['cost', COSTLY, /cost \d+, at most/],
      ['a page', '{ nodes(first: 1001) { totalCount } }', /from 1 to 1000/],
      ['a text', `{ node(id: "${'x'.repeat(17_000)}") { id } }`, /characters/],
      ['tokens', `{ ${'registryStats { total } '.repeat(400)} }`, /tokens/],
      [
        'operations',
        'query A { registryStats { total } } query B { registryStats { total } }',
        /operations 2, at most/,
      ],
      ['fragments', 'query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }', /spread/],
    ])('limits of %s', async (_what, query, why) => {
      const answer = await world().graphql(query);
      expect([answer.status, messages(answer)]).toEqual([400, expect.stringMatching(why)]);
    });

    it('no batches', async () => {
      const answer = await world().post('reader', '/graphql', [{ query: '{ registryStats { total } }' }]);
      expect([answer.status, messages(answer)]).toEqual([400, expect.stringContaining('batches')]);
    });

    it.each([
      ["' or 1=1 --"],
      ["fleet'; drop table machine_states; --"],
      ['%'],
      ['_'],
      ['\\'],
      ['${7*7}'],
      ['<script>alert(1)</script>'],
    ])('injection by a filter: %s', async (q) => {
      const query = 'query ($q: String!) { nodes(filter: { q: $q }) { totalCount } }';
      const answer = await world().post('reader', '/graphql', { query, variables: { q } });
      expect(answer.body).toEqual({ data: { nodes: { totalCount: 0 } } });
      const rest = await world().as('reader', `/v1/nodes?q=${encodeURIComponent(q)}`);
      expect(rest.body).toEqual({ items: [], nextCursor: null });
    });

    it.each([
      ['an operator in place of a text', { q: { $ne: null } }],
      ['a list', { q: ['a', 'b'] }],
      ['NUL', { q: '\0' }],
    ])('injection by a variable: %s', async (_what, variables) => {
      const query = 'query ($q: String!) { nodes(filter: { q: $q }) { totalCount } }';
      expect((await world().post('reader', '/graphql', { query, variables })).status).toBe(400);
    });

    it('cross-site requests: by a form, as plain text, by a page of another site', async () => {
      const authorization = `Bearer ${world().token('reader')}`;
      const body = JSON.stringify({ query: '{ registryStats { total } }' });
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const answer = await world().as('reader', '/graphql', {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.body?.['data'] ?? null).toBeNull();
      }
      const headers = { authorization, 'content-type': 'application/json', origin: 'https://evil.example' };
      expect((await rawRequest(`${world().url}/graphql`, { method: 'POST', headers, body })).status).toBe(403);
    });

    it('nothing can be changed by a URL', async () => {
      const answer = await world().as(
        'admin',
        `/graphql?query=${encodeURIComponent('mutation { deregister(id: "fleet-00") { id } }')}`,
      );
      expect([400, 405]).toContain(answer.status);
    });

    it('a WebSocket is not opened for a page of another site, whatever its credentials', async () => {
      for (const more of [{}, { authorization: `Bearer ${world().token('admin')}` }]) {
        const headers = { ...UPGRADE, ...more, origin: 'https://evil.example' };
        const { status } = await rawRequest(`${world().url}/graphql`, { headers });
        expect(status).not.toBe(101);
      }
    });

    it('an upgrade that nobody hears is no way around credentials', async () => {
      for (const path of ['/v1/nodes', '/graphql?query=%7BregistryStats%7Btotal%7D%7D', '/metrics']) {
        const { status, text } = await rawRequest(`${world().url}${path}`, { headers: UPGRADE });
        // Over a WebSocket GraphQL asks for credentials in the first message; over anything else at once.
        if (status !== 101) expect(status).toBe(401);
        expect(text).not.toContain('"total"');
      }
    });

    it('errors say what was wrong with the request, and nothing of the server', async () => {
      const answer = await world().post('reader', '/graphql', { query: '{ node(id: "-") { id } }' });
      expect([answer.status, typeOf(answer)]).toEqual([expect.any(Number), undefined]);
      expect(answer.text).not.toMatch(/node_modules|stack|\.js|select /);
    });

    it('a document in place of a text, which the server might take for a parsed one', async () => {
      const query = JSON.stringify({ kind: 'Document', definitions: [] });
      expect((await world().as('reader', '/graphql', json({ query }))).status).toBe(400);
    });
  });
}
