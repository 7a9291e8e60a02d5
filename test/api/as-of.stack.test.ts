import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { describeStack } from '../support/stack.js';
import { stateOf, type NodeOf } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

type Page = { items: { nodeId: string; state: string; revision: number }[]; nextCursor: string | null };
type Connection = {
  asOf: string;
  nodes: {
    totalCount: number;
    edges: { cursor: string; node: { id: string; state: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  };
};

/** A step (or, `ignored`, none) of a node, `second` seconds after the beginning. */
type StepOf = NodeOf & { readonly second: number; readonly version: number; readonly ignored?: boolean };

const BEGINNING = Date.parse('2001-01-01T00:00:00.000Z');
const at = (second: number): string => new Date(BEGINNING + second * 1000).toISOString();

const STEPS: readonly StepOf[] = [
  { nodeId: 'a', version: 1, second: 10, status: 'pending_registration', state: { revision: 0 } },
  { nodeId: 'a', version: 2, second: 20, status: 'awaiting_ack', state: { revision: 1 } },
  { nodeId: 'a', version: 2, second: 25, ignored: true },
  { nodeId: 'a', version: 3, second: 30, status: 'active', state: { revision: 1 }, capabilities: { gpu: true } },
  { nodeId: 'a', version: 4, second: 40, status: 'liveness_expired', state: { revision: 2 } },
  // Its steps were taken in another order than their messages had come: those of two topics.
  { nodeId: 'b', version: 1, second: 12, status: 'pending_registration', nodeType: 'compute' },
  { nodeId: 'b', version: 2, second: 35, status: 'awaiting_ack', nodeType: 'compute' },
  { nodeId: 'b', version: 3, second: 33, status: 'active', nodeType: 'compute' },
  { nodeId: 'c', version: 1, second: 32, status: 'rejected', nodeType: '' },
];

describeStack('the fleet as it was', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    const { pool } = state.database;
    for (const { second, version, ignored = false, ...node } of STEPS) {
      const after = ignored ? null : stateOf(node);
      await pool.query(
        `insert into journal (machine, node_id, event_id, version, event_type, input, rule, from_status, path, to_status,
           state_after, outputs, correlation_id, occurred_at, contract_version)
         values ('orchestrator', $1, $2, $3, 'X', '{}', 'a_rule', 'x', 'x', $4, $5, '[]', $2, $6, '1.0.0')`,
        [node.nodeId, randomUUID(), version, after?.status ?? 'x', after && JSON.stringify(after), at(second)],
      );
    }
    await pool.query(
      `insert into machine_states (machine, node_id, version, status, state, last_heartbeat_at, updated_at)
       select machine, id, 9, 'deregistered', $1, now(), now()
       from unnest(array['a', 'b', 'c']) as id, unnest(array['orchestrator', 'reducer']) as machine`,
      [JSON.stringify(stateOf({ nodeId: 'x', status: 'deregistered' }))],
    );
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api?.close();
    await state?.drop();
  });

  async function listed(query: string): Promise<Page> {
    const { status, body } = await api.request(`/v1/nodes?${query}`);
    expect([status, body]).toEqual([200, expect.objectContaining({ items: expect.any(Array) })]);
    DOCUMENTS.NodePage.parse(body);
    return body as Page;
  }

  const statesAt = async (second: number, filter = ''): Promise<string[]> =>
    (await listed(`asOf=${at(second)}${filter}`)).items.map((node) => `${node.nodeId} ${node.state}`);

  it.each([
    [9, []],
    [10, ['a pending_registration']],
    [19.999, ['a pending_registration', 'b pending_registration']],
    [26, ['a awaiting_ack', 'b pending_registration']],
    [32, ['a active', 'b pending_registration', 'c rejected']],
    [34, ['a active', 'b active', 'c rejected']],
    [36, ['a active', 'b active', 'c rejected']],
    [1_000_000, ['a liveness_expired', 'b active', 'c rejected']],
  ])('shows each node %d s after the beginning', async (second, expected) => {
    expect(await statesAt(second)).toEqual(expected);
    const { registry } = await asked(second);
    expect(registry.asOf).toBe(at(second));
    expect(registry.nodes.edges.map(({ node }) => `${node.id} ${node.state}`)).toEqual(expected);
    expect(registry.nodes.totalCount).toBe(expected.length);
  });

  it.each([
    ['&state=active', 32, ['a active']],
    ['&state=active', 45, ['b active']],
    ['&state=deregistered', 45, []],
    ['&nodeType=compute', 26, ['b pending_registration']],
    ['&capability=gpu', 26, []],
    ['&capability=gpu', 31, ['a active']],
    ['&q=GP', 31, ['a active']],
    ['&q=B', 31, ['b pending_registration']],
    ['&q=%25', 31, []],
    ['&state=active&nodeType=effect&capability=gpu&q=a', 31, ['a active']],
  ])('narrows it to %s as it was', async (filter, second, expected) => {
    expect(await statesAt(second, filter)).toEqual(expected);
  });

  it('shows one node as it was, without what the journal does not keep', async () => {
    const { body } = await api.request(`/v1/nodes/a?asOf=${at(31)}`);
    expect(DOCUMENTS.Node.parse(body)).toMatchObject({
      nodeId: 'a',
      state: 'active',
      revision: 1,
      capabilities: { gpu: true },
      lastHeartbeatAt: null,
    });
    expect((await api.request('/v1/nodes/a')).body).toMatchObject({ state: 'deregistered' });
    expect((await api.request(`/v1/nodes/c?asOf=${at(31)}`)).body).toMatchObject({
      status: 404,
      detail: `no node named c was known here at ${at(31)}`,
    });
  });

  it('takes any time of RFC 3339', async () => {
    const { body } = await api.request(`/v1/nodes/a?asOf=${encodeURIComponent('2001-01-01T01:00:20.0004567+01:00')}`);
    expect(body).toMatchObject({ state: 'awaiting_ack' });
    expect((await listed('asOf=0001-01-01T00:00:00Z')).items).toEqual([]);
  });

  describe('in pages', () => {
    it('stays at its moment, by the cursor alone or with the moment beside it', async () => {
      const first = await listed(`asOf=${at(34)}&limit=1`);
      const second = await listed(`limit=1&cursor=${first.nextCursor}`);
      const third = await listed(`limit=1&asOf=${at(34)}&cursor=${second.nextCursor}`);
      const pages = [first, second, third];
      expect(pages.flatMap(({ items }) => items.map((node) => `${node.nodeId} ${node.state}`))).toEqual([
        'a active',
        'b active',
        'c rejected',
      ]);
      expect(third.nextCursor).toBeNull();
    });

    it('refuses a cursor of another moment', async () => {
      const { nextCursor } = await listed(`asOf=${at(34)}&limit=1`);
      const now = await listed('limit=1');
      for (const query of [`asOf=${at(33)}&cursor=${nextCursor}`, `asOf=${at(34)}&cursor=${now.nextCursor}`]) {
        const { status, body } = await api.request(`/v1/nodes?${query}`);
        expect([status, body]).toMatchObject([400, { errors: [{ in: 'query', field: 'cursor' }] }]);
      }
      const answer = await asked(33, { after: nextCursor }, false);
      expect(answer).toMatchObject({ errors: [{ extensions: { errors: [{ in: 'argument', field: 'after' }] } }] });
    });

    it('goes on in GraphQL, as Relay does', async () => {
      const { registry: first } = await asked(34, { first: 2 });
      const after = first.nodes.pageInfo.endCursor;
      const { registry: second } = await asked(34, { first: 2, after });
      expect([first, second].map(({ nodes }) => nodes.edges.map(({ node }) => node.id))).toEqual([['a', 'b'], ['c']]);
      expect([first, second].map(({ nodes }) => nodes.pageInfo)).toMatchObject([
        { hasNextPage: true, hasPreviousPage: false },
        { hasNextPage: false, hasPreviousPage: true },
      ]);
      expect((await listed(`cursor=${after}`)).items.map(({ nodeId }) => nodeId)).toEqual(['c']);
    });
  });

  it('narrows and counts in GraphQL, too', async () => {
    const { registry } = await asked(34, { filter: { state: 'active', q: null }, first: 1 });
    expect(registry.nodes).toMatchObject({ totalCount: 2, edges: [{ node: { id: 'a' } }] });
  });

  it.each(['yesterday', '', '2001-01-01', '2001-01-01T00:00:00', '2001-02-30T00:00:00Z', '0000-06-01T00:00:00Z'])(
    'refuses the moment %j',
    async (asOf) => {
      for (const path of ['/v1/nodes', '/v1/nodes/a', '/v1/nodes/a/explain']) {
        const { status, body } = await api.request(`${path}?asOf=${asOf}`);
        expect([status, body]).toMatchObject([
          400,
          { errors: [{ in: 'query', field: 'asOf', message: expect.stringContaining('RFC 3339') }] },
        ]);
      }
      expect(
        (await api.graphql('query ($t: DateTime!) { registry(asOf: $t) { asOf } }', { t: asOf })).body,
      ).toMatchObject({ data: null, errors: [{ extensions: { errors: [{ in: 'argument', field: 'asOf' }] } }] });
    },
  );

  it('refuses what has not come yet, and what is given twice', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect((await api.request(`/v1/nodes?asOf=${tomorrow}`)).body).toMatchObject({
      errors: [{ field: 'asOf', message: 'must not be in the future' }],
    });
    expect((await api.request(`/v1/nodes?asOf=${at(1)}&asOf=${at(2)}`)).body).toMatchObject({
      errors: [{ field: 'asOf', message: 'must be given once' }],
    });
  });

  async function asked(
    second: number,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<{ registry: Connection }>;
  async function asked(second: number, variables: Readonly<Record<string, unknown>>, sound: false): Promise<unknown>;
  async function asked(second: number, variables: Readonly<Record<string, unknown>> = {}, sound = true) {
    const { body } = await api.graphql(
      `query ($asOf: DateTime!, $filter: NodeFilter, $first: Int, $after: String) {
        registry(asOf: $asOf) {
          asOf
          nodes(filter: $filter, first: $first, after: $after) {
            totalCount edges { cursor node { id state } } pageInfo { hasNextPage hasPreviousPage endCursor }
          }
        }
      }`,
      { asOf: at(second), ...variables },
    );
    if (!sound) return body;
    expect(body).not.toHaveProperty('errors');
    return (body as { data: { registry: Connection } }).data;
  }
});
