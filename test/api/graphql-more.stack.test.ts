import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeStack } from '../support/stack.js';
import { insertHistory, insertNodes } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type TestApi } from './test-app.js';

type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
};
type Connection<T> = { edges: { cursor: string; node: T }[]; pageInfo: PageInfo; totalCount: number };
type Step = { eventId: string };

const HISTORY = `query history($id: ID!, $first: Int, $after: String) {
  nodeHistory(id: $id, first: $first, after: $after) {
    edges { cursor node { eventId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;

describeStack('more of GraphQL', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let eventIds: string[];

  beforeAll(async () => {
    state = await createStateDatabase();
    const { pool } = state.database;
    await insertNodes(pool, [
      { nodeId: 'a-1', state: { degraded: true } },
      { nodeId: 'a-2', nodeType: 'compute' },
      { nodeId: 'a-3', nodeType: 'gateway', status: 'rejected' },
      { nodeId: 'a-4', nodeType: '', status: 'rejected', state: { degraded: true } },
      { nodeId: 'a-5', nodeType: 'reducer', status: 'awaiting_ack' },
    ]);
    eventIds = await insertHistory(pool, 'a-1', [
      { version: 1, eventType: 'NODE_INTROSPECTION', path: 'none > pending_registration' },
      { version: 1, eventType: 'NODE_REGISTRATION_INITIATED', path: 'idle > pending', machine: 'reducer' },
      { version: 1, eventType: 'NODE_HEARTBEAT', path: 'pending_registration' },
      {
        version: 2,
        eventType: 'REGISTRATION_COMPLETED',
        path: 'pending_registration > accepted > awaiting_ack',
        causationId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
      },
    ]);
    await insertHistory(pool, 'a-2', [{ version: 1, eventType: 'X', path: 'none > pending_registration' }]);
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  async function asked<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { status, body } = await api.graphql(query, variables);
    const { data, errors } = body as { data: T; errors?: unknown };
    expect([status, errors]).toEqual([200, undefined]);
    return data;
  }

  const historyOf = async (variables: Readonly<Record<string, unknown>>) =>
    (await asked<{ nodeHistory: Connection<Step> | null }>(HISTORY, variables)).nodeHistory;

  describe('the history of a node', () => {
    it('has every field, as REST does', async () => {
      const fields = 'version eventId eventType rule fromStatus path toStatus occurredAt correlationId causationId';
      const { items } = (await api.request('/v1/nodes/a-1/history')).body as { items: unknown[] };
      for (let time = 1; time <= 3; time++) {
        const { nodeHistory } = await asked<{ nodeHistory: { edges: { node: unknown }[] } }>(
          `{ nodeHistory(id: "a-1") { edges { node { ${fields} } } } }`,
        );
        expect(nodeHistory.edges.map(({ node }) => node)).toEqual(items);
      }
    });

    it('pages as Relay does, by cursors that REST takes, too', async () => {
      const first = await historyOf({ id: 'a-1', first: 2 });
      expect(first).toEqual({
        edges: [eventIds[0], eventIds[2]].map((eventId) => ({ cursor: expect.any(String), node: { eventId } })),
        pageInfo: {
          hasNextPage: true,
          hasPreviousPage: false,
          startCursor: first?.edges[0]?.cursor,
          endCursor: first?.edges[1]?.cursor,
        },
        totalCount: 3,
      });
      const second = await historyOf({ id: 'a-1', first: 2, after: first?.pageInfo.endCursor });
      expect(second).toMatchObject({
        edges: [{ node: { eventId: eventIds[3] } }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
        totalCount: 3,
      });
      const { body } = await api.request(`/v1/nodes/a-1/history?cursor=${first?.edges[0]?.cursor ?? ''}`);
      expect((body as { items: Step[] }).items.map(({ eventId }) => eventId)).toEqual([eventIds[2], eventIds[3]]);
    });

    it('is empty behind its end and for a node without entries, and null for an unknown node', async () => {
      const end = (await historyOf({ id: 'a-1' }))?.pageInfo.endCursor;
      const empty = { hasNextPage: false, startCursor: null, endCursor: null };
      expect(await historyOf({ id: 'a-1', after: end })).toMatchObject({ edges: [], pageInfo: empty });
      expect(await historyOf({ id: 'a-5', first: null, after: null })).toMatchObject({ edges: [], totalCount: 0 });
      expect(await historyOf({ id: 'nobody' })).toBeNull();
    });

    it.each([
      ['id', { id: 'a b' }],
      ['id', { id: 'x'.repeat(256) }],
      ['id', { id: 'a\0' }],
      ['first', { id: 'a-1', first: 0 }],
      ['first', { id: 'a-1', first: 1001 }],
      ['after', { id: 'a-1', after: 'x' }],
      ['after', { id: 'a-1', after: btoa('n:a-1') }],
    ])('names %s where it is wrong', async (field, variables) => {
      const { status, body } = await api.graphql(HISTORY, variables);
      expect([status, body]).toMatchObject([
        200,
        {
          data: { nodeHistory: null },
          errors: [{ extensions: { type: '/problems/validation', errors: [{ field }] } }],
        },
      ]);
    });
  });

  describe('numbers of the registry', () => {
    it('count every state and every type', async () => {
      const { registryStats } = await asked<{ registryStats: unknown }>(
        '{ registryStats { total degraded byState { state count } byType { nodeType count } } }',
      );
      const byState = { active: 2, rejected: 2, awaiting_ack: 1 };
      expect(registryStats).toEqual({
        total: 5,
        degraded: 1,
        byState: [
          'pending_registration',
          'accepted',
          'awaiting_ack',
          'ack_received',
          'active',
          'rejected',
          'ack_timed_out',
          'liveness_expired',
          'deregistering',
          'deregistered',
        ].map((name) => ({ state: name, count: byState[name as keyof typeof byState] ?? 0 })),
        byType: [
          { nodeType: 'effect', count: 1 },
          { nodeType: 'compute', count: 1 },
          { nodeType: 'reducer', count: 1 },
          { nodeType: 'orchestrator', count: 0 },
          { nodeType: null, count: 2 },
        ],
      });
    });

    it('are those of the moment, however many ask', async () => {
      const total = async () =>
        (await asked<{ registryStats: { total: number } }>('{ registryStats { total } }')).registryStats.total;
      expect(await Promise.all(Array.from({ length: 20 }, total))).toEqual(Array.from({ length: 20 }, () => 5));
      await insertNodes(state.database.pool, [{ nodeId: 'z-1' }]);
      try {
        expect(await total()).toBe(6);
      } finally {
        await state.database.pool.query(`delete from machine_states where node_id = 'z-1'`);
      }
      expect(await total()).toBe(5);
    });
  });

  describe('limits', () => {
    const stats = Array.from({ length: 10 }, (_, index) => `s${index}: registryStats { ...all }`).join(' ');
    const often = (what: string): string => Array.from({ length: 20 }, () => what).join(' ');

    it.each([
      [
        'cost',
        `query($n: Int) { a: nodeHistory(id: "a", first: $n) { ...s } b: nodeHistory(id: "b", first: $n) { ...s }
        c: nodeHistory(id: "c", first: $n) { ...s } d: nodeHistory(id: "d", first: $n) { ...s }
        e: nodeHistory(id: "e", first: $n) { ...s } } fragment s on HistoryConnection { edges { cursor node { version
        eventId eventType fromStatus path toStatus occurredAt correlationId causationId } } }`,
      ],
      // Lists that are no pages count with their length.
      [
        'cost',
        `{ ${stats} } fragment all on RegistryStats { ${often('...some')} }
        fragment some on RegistryStats { ${often('byState { state count } byType { nodeType count }')} }`,
      ],
      ['aliases', `{ registryStats { ${Array.from({ length: 21 }, (_, index) => `a${index}: total`).join(' ')} } }`],
      ['rootFields', `{ ${stats} t: registryStats { total } } fragment all on RegistryStats { total }`],
      [
        'depth',
        `{ nodeHistory(id: "a") { edges { node { ${'edges { node { '.repeat(4)} version ${'} }'.repeat(4)} } } } }`,
      ],
    ])('of %s hold for them, too', async (name, query) => {
      const { status, text } = await api.graphql(query);
      expect([status, text]).toEqual([400, expect.stringContaining(`asks for too much: ${name}`)]);
    });

    it('leave room for the largest page', async () => {
      const all = 'version eventId eventType fromStatus path toStatus occurredAt correlationId causationId';
      const query = `query($n: Int) { nodeHistory(id: "a-1", first: $n) { edges { cursor node { ${all} } } totalCount } }`;
      expect((await api.graphql(query, { n: 1000 })).body).not.toHaveProperty('errors');
    });

    it.each([[[]], [[{ query: '{ __typename }' }]], [[{ query: '{ __typename }' }, { query: '{ __typename }' }]]])(
      'take one request at a time, and say so: %j',
      async (batch) => {
        const { status, body } = await api.request('/graphql', json(batch));
        expect([status, body]).toMatchObject([
          400,
          {
            data: null,
            errors: [
              {
                message: expect.stringContaining('one request'),
                extensions: { type: '/problems/validation', errors: [{ in: 'body', field: 'body' }] },
              },
            ],
          },
        ]);
      },
    );
  });

  it('keeps its place among the nodes while the fleet changes', async () => {
    const { pool } = state.database;
    const page = async (after: string | null) =>
      (
        await asked<{ nodes: Connection<{ id: string }> }>(
          `query($after: String) { nodes(first: 2, after: $after, filter: { q: "m-" }) {
            edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`,
          { after },
        )
      ).nodes;
    await insertNodes(
      pool,
      ['m-1', 'm-3', 'm-5', 'm-6'].map((nodeId) => ({ nodeId })),
    );
    const first = await page(null);
    // Before the place, on it, and behind it.
    await insertNodes(
      pool,
      ['m-0', 'm-2', 'm-4'].map((nodeId) => ({ nodeId })),
    );
    await pool.query(`delete from machine_states where node_id in ('m-1', 'm-3', 'm-6')`);
    const second = await page(first.pageInfo.endCursor);
    expect([first, second].map(({ edges }) => edges.map(({ node }) => node.id))).toEqual([
      ['m-1', 'm-3'],
      ['m-4', 'm-5'],
    ]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    await insertNodes(pool, [{ nodeId: 'm-7' }]);
    expect((await page(second.pageInfo.endCursor)).edges.map(({ node }) => node.id)).toEqual(['m-7']);
    await pool.query(`delete from machine_states where node_id like 'm-%'`);
  });
});
