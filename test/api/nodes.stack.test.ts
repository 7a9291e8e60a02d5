import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { encodeCursor } from '../../src/api/read/cursor.js';
import { NODE_STATES, type NodeState } from '../../src/api/read/node.js';
import type { Status } from '../../src/orchestrator/state.js';
import { describeStack } from '../support/stack.js';
import { insertHistory, insertNodes } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

type Page = { items: { nodeId: string; eventId: string }[]; nextCursor: string | null };

// Does not compile when the orchestrator learns a state that the api does not show, or the other way round.
const SAME_STATES: [NodeState] extends [Status] ? ([Status] extends [NodeState] ? true : never) : never = true;

const KEY = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg';

describeStack('the fleet over REST', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let eventIds: string[];

  beforeAll(async () => {
    state = await createStateDatabase();
    const { pool } = state.database;
    await insertNodes(pool, [
      { nodeId: 'a-1', capabilities: { gpu: true, batch: true }, lastHeartbeatAt: '2026-11-21T09:00:00.123Z' },
      { nodeId: 'a-2', nodeType: 'compute', capabilities: { gpu: true }, state: { degraded: true, publicKey: KEY } },
      { nodeId: 'a-3', status: 'rejected', nodeType: '', state: { registeredAt: null, revision: 0 } },
      { nodeId: 'a-4', status: 'rejected', nodeType: 'gateway' },
      { nodeId: 'B_5', status: 'awaiting_ack', incarnation: 1_763_700_000_000, capabilities: { '50%': true } },
      { nodeId: `x${'y'.repeat(254)}`, status: 'deregistered' },
    ]);
    eventIds = await insertHistory(pool, 'a-1', [
      { version: 1, eventType: 'NODE_INTROSPECTION', path: 'none > pending_registration' },
      { machine: 'reducer', version: 1, eventType: 'NODE_REGISTRATION_INITIATED', path: 'idle > pending' },
      { version: 1, eventType: 'NODE_INTROSPECTION', path: 'pending_registration' },
      {
        version: 2,
        eventType: 'REGISTRATION_COMPLETED',
        path: 'pending_registration > accepted > awaiting_ack',
        causationId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
        occurredAt: '2026-11-21T08:00:05.250Z',
      },
    ]);
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  async function ids(query: string): Promise<string[]> {
    const { status, body } = await api.request(`/v1/nodes${query}`);
    expect(status).toBe(200);
    expect(() => DOCUMENTS.NodePage.parse(body)).not.toThrow();
    return (body as Page).items.map(({ nodeId }) => nodeId);
  }

  it('knows the same states as the orchestrator', () => {
    expect(SAME_STATES && NODE_STATES.length).toBe(10);
  });

  it('shows a node', async () => {
    const { status, type, body } = await api.request('/v1/nodes/a-1');
    expect([status, type]).toEqual([200, 'application/json']);
    expect(body).toEqual({
      nodeId: 'a-1',
      nodeType: 'effect',
      nodeVersion: '1.4.0',
      state: 'active',
      degraded: false,
      capabilities: { gpu: true, batch: true },
      endpoints: { api: 'http://10.0.0.1:8080' },
      metadata: { zone: 'eu-1' },
      revision: 2,
      attemptId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
      incarnation: null,
      registeredAt: '2026-11-21T08:00:00.000Z',
      updatedAt: '2026-11-21T08:00:01.000Z',
      lastHeartbeatAt: '2026-11-21T09:00:00.123Z',
      publicKey: null,
    });
  });

  it.each([
    ['a-3', { nodeType: null, state: 'rejected', registeredAt: null, lastHeartbeatAt: null }],
    ['a-4', { nodeType: 'gateway' }],
    ['a-2', { degraded: true, publicKey: KEY }],
    ['B_5', { incarnation: 1_763_700_000_000 }],
    [`x${'y'.repeat(254)}`, { state: 'deregistered' }],
    ['a%2d1', { nodeId: 'a-1' }],
  ])('shows what is special about %s', async (nodeId, expected) => {
    expect((await api.request(`/v1/nodes/${nodeId}`)).body).toMatchObject(expected);
  });

  it('answers many readers at once, each with its own node', async () => {
    const wanted = Array.from({ length: 500 }, (_, index) => ['a-1', 'a-2', 'B_5', 'missing'][index % 4] ?? '');
    const answers = await Promise.all(wanted.map((id) => api.request(`/v1/nodes/${id}`)));
    expect(
      answers.map(({ status, body }) => (status === 404 ? 'missing' : (body as { nodeId: string }).nodeId)),
    ).toEqual(wanted);
  });

  it.each([
    ['', ['a-1', 'a-2', 'a-3', 'a-4', 'B_5', 'x']],
    ['?state=active', ['a-1', 'a-2']],
    ['?state=ack_timed_out', []],
    ['?nodeType=compute', ['a-2']],
    ['?capability=gpu', ['a-1', 'a-2']],
    ['?capability=gp', []],
    ['?capability=50%25', ['B_5']],
    ['?q=A-', ['a-1', 'a-2', 'a-3', 'a-4']],
    ['?q=ATC', ['a-1']],
    ['?q=%25', ['B_5']],
    ['?q=_', ['B_5']],
    ['?q=%5C', []],
    ['?q=%22%2C%22', []],
    ['?state=active&nodeType=effect&capability=gpu&q=a', ['a-1']],
    ['?state=rejected&capability=gpu', []],
  ])('lists %s', async (query, expected) => {
    expect((await ids(query)).map((id) => id.replace(/y+$/, '')).sort()).toEqual([...expected].sort());
  });

  it.each(['', '&capability=gpu', '&state=rejected', '&q=a', '&nodeType=effect'])(
    'pages through the whole list %s, each node once',
    async (filter) => {
      const all = await ids(`?limit=1000${filter}`);
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await api.request(`/v1/nodes?limit=1${filter}${cursor && `&cursor=${cursor}`}`);
        seen.push(...(body as Page).items.map(({ nodeId }) => nodeId));
        cursor = (body as Page).nextCursor;
      }
      expect(seen).toEqual(all);
    },
  );

  it('keeps its place while the fleet changes', async () => {
    const { pool } = state.database;
    await insertNodes(pool, [{ nodeId: 'm-1' }, { nodeId: 'm-3' }, { nodeId: 'm-5' }]);
    const first = (await api.request('/v1/nodes?q=m-&limit=2')).body as Page;
    await insertNodes(pool, [{ nodeId: 'm-2' }, { nodeId: 'm-4' }]);
    await pool.query(`delete from machine_states where node_id = 'm-3'`);
    const second = (await api.request(`/v1/nodes?q=m-&limit=2&cursor=${first.nextCursor ?? ''}`)).body as Page;
    expect([first, second].map(({ items }) => items.map(({ nodeId }) => nodeId))).toEqual([
      ['m-1', 'm-3'],
      ['m-4', 'm-5'],
    ]);
    await pool.query(`delete from machine_states where node_id like 'm-%'`);
  });

  it('tells how a node came to where it is', async () => {
    const { body } = await api.request('/v1/nodes/a-1/history');
    expect(() => DOCUMENTS.HistoryPage.parse(body)).not.toThrow();
    expect((body as Page).items.map(({ eventId }) => eventId)).toEqual([eventIds[0], eventIds[2], eventIds[3]]);
    expect((body as Page).items[2]).toEqual({
      version: 2,
      eventId: eventIds[3],
      eventType: 'REGISTRATION_COMPLETED',
      rule: 'a_rule',
      fromStatus: 'pending_registration',
      path: 'pending_registration > accepted > awaiting_ack',
      toStatus: 'awaiting_ack',
      occurredAt: '2026-11-21T08:00:05.250Z',
      correlationId: '6f2d1c9e-4a5b-4c3d-8e7f-aabbccddeeff',
      causationId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
    });
  });

  it('pages through a history', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await api.request(`/v1/nodes/a-1/history?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...(body as Page).items.map(({ eventId }) => eventId));
      cursor = (body as Page).nextCursor;
    }
    expect(seen).toEqual([eventIds[0], eventIds[2], eventIds[3]]);
  });

  it('has an empty history for a node without entries, and none for an unknown one', async () => {
    expect((await api.request('/v1/nodes/a-2/history')).body).toEqual({ items: [], nextCursor: null });
    expect((await api.request('/v1/nodes/nobody/history')).status).toBe(404);
  });

  describe('a large fleet', () => {
    beforeAll(async () => {
      const { pool } = state.database;
      await insertNodes(
        pool,
        Array.from({ length: 5000 }, (_, index) => ({
          nodeId: `fleet-${String(index).padStart(5, '0')}`,
          capabilities: {
            common: true,
            ...(index % 1000 === 999 ? { rare: true } : {}),
            ...(index % 10 === 9 ? { tenth: true } : {}),
            ...(index < 1000 ? { early: true } : {}),
            ...(index === 17 ? { 'say "hi"\\ö': true } : {}),
            ...(index > 4000 ? { late: true } : {}),
          },
        })),
      );
      await pool.query('analyze machine_states');
    });

    it.each([
      ['capability=common&limit=1000', 1000, 'fleet-00000'],
      ['capability=rare', 5, 'fleet-00999'],
      ['capability=late&limit=50', 50, 'fleet-04001'],
      ['capability=tenth&limit=50', 50, 'fleet-00009'],
      ['capability=tenth&limit=1000', 500, 'fleet-00009'],
      ['capability=tenth&state=active&nodeType=effect&limit=70', 70, 'fleet-00009'],
      [`capability=early&limit=10&cursor=${encodeCursor('nodes', 'fleet-00985')}`, 10, 'fleet-00986'],
      [`capability=early&limit=20&cursor=${encodeCursor('nodes', 'fleet-00985')}`, 14, 'fleet-00986'],
      [`capability=${encodeURIComponent('say "hi"\\ö')}`, 1, 'fleet-00017'],
      [`q=${encodeURIComponent('Y "HI"\\')}`, 1, 'fleet-00017'],
      ['capability=rare&state=active&nodeType=effect&q=999', 5, 'fleet-00999'],
    ])('lists %s', async (query, count, first) => {
      const found = await ids(`?${query}`);
      expect([found.length, found[0]]).toEqual([count, first]);
    });
  });
});
