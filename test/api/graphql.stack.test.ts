import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeStack } from '../support/stack.js';
import { insertNodes } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

type Connection = {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount: number;
};

const NODES = `query page($filter: NodeFilter, $first: Int, $after: String) {
  nodes(filter: $filter, first: $first, after: $after) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;

describeStack('GraphQL', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    await insertNodes(state.database.pool, [
      { nodeId: 'a-1', capabilities: { gpu: true }, incarnation: 1_763_700_000_000 },
      { nodeId: 'a-2', capabilities: { gpu: true }, nodeType: 'compute' },
      { nodeId: 'a-3', status: 'rejected', nodeType: '' },
      { nodeId: 'b-4', status: 'awaiting_ack', capabilities: { gpu: true } },
      { nodeId: 'b-5', capabilities: { gpu: true } },
    ]);
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  async function page(variables: Readonly<Record<string, unknown>>): Promise<Connection> {
    const { status, body } = await api.graphql(NODES, variables);
    expect([status, (body as { errors?: unknown }).errors]).toEqual([200, undefined]);
    return (body as { data: { nodes: Connection } }).data.nodes;
  }

  it('shows every field of a node, as REST does', async () => {
    const fields = `nodeId nodeType nodeVersion state degraded capabilities endpoints metadata revision attemptId
      incarnation registeredAt updatedAt lastHeartbeatAt publicKey`;
    const rest = (await api.request('/v1/nodes/a-1')).body;
    // Thrice: Mercurius interprets a query first, and compiles it when it comes again.
    for (let time = 1; time <= 3; time++) {
      const { body } = await api.graphql(`{ node(id: "a-1") { id ${fields} } }`);
      expect(body).toEqual({ data: { node: { id: 'a-1', ...(rest as object) } } });
    }
  });

  it.each([
    [
      '{ node(id: "a-1") { id nodeId state __typename } }',
      { id: 'a-1', nodeId: 'a-1', state: 'active', __typename: 'Node' },
    ],
    [
      '{ node(id: "a-1") { state ...more } } fragment more on Node { nodeType }',
      { state: 'active', nodeType: 'effect' },
    ],
    ['{ node(id: "a-1") { state } node(id: "a-1") { revision } }', { state: 'active', revision: 2 }],
    ['{ node(id: "a-3") { state } }', { state: 'rejected' }],
    ['{ node(id: "nobody") { state } }', null],
  ])('answers %s', async (query, node) => {
    for (let time = 1; time <= 3; time++) expect((await api.graphql(query)).body).toEqual({ data: { node } });
  });

  it('has null for an unknown node', async () => {
    expect((await api.graphql('{ node(id: "nobody") { id } }')).body).toEqual({ data: { node: null } });
  });

  it('answers what differs in nothing but its variables', async () => {
    const query = 'query one($id: ID!) { node(id: $id) { id nodeType } }';
    const asked = ['a-1', 'a-2', 'a-3', 'a-1', 'nobody', 'a-2'];
    const answers = await Promise.all(asked.map((id) => api.graphql(query, { id })));
    expect(answers.map(({ body }) => (body as { data: { node: unknown } }).data.node)).toEqual([
      { id: 'a-1', nodeType: 'effect' },
      { id: 'a-2', nodeType: 'compute' },
      { id: 'a-3', nodeType: null },
      { id: 'a-1', nodeType: 'effect' },
      null,
      { id: 'a-2', nodeType: 'compute' },
    ]);
  });

  it.each([
    [{}, ['a-1', 'a-2', 'a-3', 'b-4', 'b-5']],
    [{ filter: null, first: null, after: null }, ['a-1', 'a-2', 'a-3', 'b-4', 'b-5']],
    [{ filter: { state: 'active' } }, ['a-1', 'a-2', 'b-5']],
    [{ filter: { state: null, nodeType: 'compute' } }, ['a-2']],
    [{ filter: { capability: 'gpu', q: 'B-' } }, ['b-4', 'b-5']],
    [{ filter: { capability: 'gpu', state: 'active', nodeType: 'effect', q: '5' } }, ['b-5']],
    [{ filter: { q: 'nothing' } }, []],
  ])('lists and counts %j', async (variables, ids) => {
    const { edges, totalCount } = await page(variables);
    expect([edges.map(({ node }) => node.id), totalCount]).toEqual([ids, ids.length]);
  });

  it('pages as Relay does', async () => {
    const first = await page({ first: 2, filter: { capability: 'gpu' } });
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]?.cursor,
      endCursor: first.edges[1]?.cursor,
    });
    const second = await page({ first: 2, filter: { capability: 'gpu' }, after: first.pageInfo.endCursor });
    expect([second.edges.map(({ node }) => node.id), second.pageInfo.hasNextPage, second.totalCount]).toEqual([
      ['b-4', 'b-5'],
      false,
      4,
    ]);
  });

  it('takes a cursor of REST, and the other way round', async () => {
    const { body } = await api.request('/v1/nodes?limit=2');
    const after = (body as { nextCursor: string }).nextCursor;
    expect((await page({ after })).edges[0]?.node.id).toBe('a-3');
  });

  it('answers GET requests', async () => {
    const query = encodeURIComponent('query one($id: ID!) { node(id: $id) { id } }');
    const { body } = await api.request(`/graphql?operationName=one&query=${query}&variables={"id":"a-1"}`);
    expect(body).toEqual({ data: { node: { id: 'a-1' } } });
  });

  describe('limits', () => {
    const root = (fields: number, alias = true) =>
      Array.from({ length: fields }, (_, index) => `${alias ? `f${index}: ` : ''}node(id: "a-1") { id }`).join(' ');
    const nested = (depth: number): string => (depth === 0 ? 'id' : `... on Node { ${nested(depth - 1)} }`);

    it.each([
      ['depth', `{ nodes { edges { node { ${'edges { node { '.repeat(5)} id ${'} }'.repeat(5)} } } } }`],
      ['rootFields', `{ ${root(11)} }`],
      ['aliases', `{ node(id: "a-1") { ${Array.from({ length: 21 }, (_, index) => `a${index}: id`).join(' ')} } }`],
      [
        'cost',
        `{ ${'a b c d'.replace(/\w/g, '$&: nodes(first: 1000) { edges { node { id state nodeType revision degraded } cursor } totalCount } ')} e: nodes(first: 1000) { edges { cursor node { id state nodeType revision degraded attemptId updatedAt } } } f: nodes(first: 1000) { edges { cursor node { id state nodeType revision degraded attemptId updatedAt } } } }`,
      ],
      [
        'cost',
        `query($n: Int) { a: nodes(first: $n) { ...all } b: nodes(first: $n) { ...all } c: nodes(first: $n) { ...all } } fragment all on NodeConnection { edges { cursor node { id nodeId state nodeType revision degraded attemptId updatedAt capabilities endpoints metadata nodeVersion incarnation registeredAt lastHeartbeatAt } } pageInfo { endCursor } }`,
      ],
    ])('of %s', async (name, query) => {
      for (let time = 1; time <= 3; time++) {
        const { status, text } = await api.graphql(query);
        expect([status, text]).toEqual([400, expect.stringContaining(`asks for too much: ${name}`)]);
      }
    });

    it.each([
      `{ ${root(10)} }`,
      `query($n: Int) { nodes(first: $n) { edges { cursor node { id nodeId state nodeType revision degraded attemptId
         updatedAt capabilities endpoints metadata nodeVersion incarnation registeredAt lastHeartbeatAt } }
         pageInfo { hasNextPage endCursor } totalCount } }`,
      `{ node(id: "a-1") { ${nested(5)} } }`,
    ])('leave room for %s', async (query) => {
      expect((await api.graphql(query)).body).not.toHaveProperty('errors');
    });

    it('of length', async () => {
      expect((await api.graphql(`{ node(id: "a") { id } } #${'x'.repeat(20_000)}`)).status).toBe(400);
      expect((await api.graphql(`{ node(id: "a") { ${'id '.repeat(1500)} } }`)).status).toBe(400);
    });
  });

  it('shows its schema, but not in production', async () => {
    const query = '{ __schema { queryType { fields { name } } } }';
    expect((await api.graphql(query)).body).toEqual({
      data: {
        __schema: {
          queryType: {
            fields: ['explain', 'node', 'nodeHistory', 'nodes', 'registry', 'registryStats'].map((name) => ({ name })),
          },
        },
      },
    });
    const closed = await startApi(state.database, { production: true });
    try {
      expect((await closed.graphql(query)).status).toBe(400);
      expect((await closed.graphql('{ node(id: "a-1") { __typename id } }')).body).toEqual({
        data: { node: { __typename: 'Node', id: 'a-1' } },
      });
    } finally {
      await closed.close();
    }
  });
});
