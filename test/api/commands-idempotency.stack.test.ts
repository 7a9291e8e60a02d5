import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { OperationRetention } from '../../src/api/commands/operation-retention.js';
import { OperationStore } from '../../src/api/read/operation-store.js';
import { createLog, type OutgoingRecord } from '../../src/runtime/index.js';
import { describeStack } from '../support/stack.js';
import { withHeaders } from './commands-orchestrated.js';
import { insertNodes } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type Answer, type TestApi } from './test-app.js';

describeStack('idempotency keys', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;
  let other: TestApi;
  let key: string;
  let count = 0;

  beforeAll(async () => {
    state = await createStateDatabase();
    await insertNodes(state.database.pool, [{ nodeId: 'here' }]);
  });
  beforeEach(async () => {
    key = `key ${++count}`;
    api = await startApi(state.database);
    other = await startApi(state.database);
  });
  afterEach(() => Promise.all([api.close(), other.close()]));
  afterAll(() => state.drop());

  const BODY = { nodeId: 'node-1', nodeType: 'effect' };
  const register = (body: object = BODY, at: TestApi = api) => {
    return at.request('/v1/nodes', withHeaders(json(body), { 'idempotency-key': key }));
  };
  const deregister = (nodeId = 'here', query = '') =>
    api.request(`/v1/nodes/${nodeId}${query}`, { method: 'DELETE', headers: { 'idempotency-key': key } });
  const operationOf = ({ status, body }: Answer): string => {
    expect([status, body]).toEqual([202, { operationId: expect.any(String) }]);
    return (body as { operationId: string }).operationId;
  };
  const problemOf = ({ status, body, headers }: Answer) => [
    status,
    (body as { type: string }).type,
    headers.get('retry-after'),
  ];
  const IN_USE = [409, '/problems/idempotency-key-in-use', '5'];
  const REUSED = [422, '/problems/idempotency-key-reused', null];

  /** Lets the publish wait until the test says so. */
  function heldPublish(at: TestApi): { readonly release: () => void; readonly reached: Promise<void> } {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { publish } = at.bus;
    const reached = new Promise<void>((resolve) => {
      at.bus.publish = async (records) => {
        resolve();
        await released;
        await publish.call(at.bus, records);
      };
    });
    return { release, reached };
  }

  const age = (operationId: string, by: string) =>
    state.database.pool.query(`update operations set created_at = created_at - $2::interval where id = $1`, [
      operationId,
      by,
    ]);
  const unpublish = (operationId: string) =>
    state.database.pool.query('update operations set published_at = null where id = $1', [operationId]);

  it('make one command of the same request, however it is written', async () => {
    const id = operationOf(await register({ ...BODY, capabilities: ['a'], metadata: { x: 1, y: 2 } }));
    const again = await register({ metadata: { y: 2, x: 1 }, capabilities: { a: true }, incarnation: null, ...BODY });
    expect(operationOf(again)).toBe(id);
    expect(operationOf(await register({ ...BODY, capabilities: ['a'], metadata: { x: 1, y: 2 } }, other))).toBe(id);
    expect([api.bus.published.length, other.bus.published.length]).toEqual([1, 0]);
  });

  it('belong to one request', async () => {
    await register();
    expect(problemOf(await register({ ...BODY, nodeVersion: '2.0.0' }))).toEqual(REUSED);
    expect(problemOf(await register({ ...BODY, nodeId: 'node-2' }, other))).toEqual(REUSED);
    expect(problemOf(await deregister())).toEqual(REUSED);
    expect(api.bus.published).toHaveLength(1);
  });

  it('work for deregistrations, too', async () => {
    const id = operationOf(await deregister('here', '?reason=x'));
    expect(operationOf(await deregister('here', '?reason=x'))).toBe(id);
    expect(problemOf(await deregister('here', '?reason=y'))).toEqual(REUSED);
    expect(problemOf(await deregister('nobody'))).toEqual(REUSED);
    expect(api.bus.published).toHaveLength(1);
  });

  it('make one command of 20 requests at once', async () => {
    const held = heldPublish(api);
    const answers = Array.from({ length: 20 }, () => register());
    await held.reached;
    expect(problemOf(await register({ ...BODY, nodeId: 'node-2' }))).toEqual(REUSED);
    held.release();
    const ids = (await Promise.all(answers)).map(operationOf);
    expect([new Set(ids).size, api.bus.published.length]).toEqual([1, 1]);
  });

  it('say so while another process publishes', async () => {
    const held = heldPublish(api);
    const first = register();
    await held.reached;
    expect(problemOf(await register(BODY, other))).toEqual(IN_USE);
    held.release();
    const id = operationOf(await first);
    expect(operationOf(await register(BODY, other))).toBe(id);
    expect(other.bus.published).toEqual([]);
  });

  it('publish the stored message after a crash between insert and publish: the same bytes', async () => {
    const id = operationOf(await register());
    const [{ topic, key: nodeId, value }] = api.bus.published as [OutgoingRecord];
    await unpublish(id);
    expect(problemOf(await register(BODY, other))).toEqual(IN_USE);
    await age(id, '16 seconds');
    expect(problemOf(await register({ ...BODY, nodeId: 'node-2' }, other))).toEqual(REUSED);
    expect(operationOf(await register(BODY, other))).toBe(id);
    expect(other.bus.published).toEqual([expect.objectContaining({ topic, key: nodeId, value })]);
    expect(other.bus.published[0]?.headers).toMatchObject({ event_type: 'REGISTER_NODE', correlation_id: id });
    expect(operationOf(await register(BODY, other))).toBe(id);
    expect(other.bus.published).toHaveLength(1);
  });

  it('are free again after 24 hours; the operation stays', async () => {
    const id = operationOf(await register());
    await age(id, '23 hours 59 minutes');
    expect(operationOf(await register())).toBe(id);
    await age(id, '2 minutes');
    const second = operationOf(await register({ ...BODY, nodeId: 'node-2' }));
    expect(second).not.toBe(id);
    expect(operationOf(await register({ ...BODY, nodeId: 'node-2' }))).toBe(second);
    expect((await api.request(`/v1/operations/${id}`)).status).toBe(200);
  });

  it('are not needed: two requests without one are two commands', async () => {
    const ids = [operationOf(await api.request('/v1/nodes', json(BODY)))];
    ids.push(operationOf(await api.request('/v1/nodes', json(BODY))));
    expect([new Set(ids).size, api.bus.published.length]).toEqual([2, 2]);
  });

  it('are forgotten with their operations after 7 days', async () => {
    const old = operationOf(await register());
    key += ' b';
    const young = operationOf(await register());
    await age(old, '7 days 1 minute');
    await age(young, '6 days 23 hours');
    const store = new OperationStore(state.database);
    await new OperationRetention(store, createLog('silent')).clean();
    expect([await store.byId(old), (await store.byId(young))?.id]).toEqual([null, young]);
    expect((await api.request(`/v1/operations/${old}`)).status).toBe(404);
  });

  it('are told from what is wrong with the database', async () => {
    const { pool } = state.database;
    const away = await startApi({
      pool: Object.assign(Object.create(pool), { query: () => Promise.reject(new Error('away')) }),
    });
    try {
      const answer = await register(BODY, away);
      expect(problemOf(answer)).toEqual([503, '/problems/state-unavailable', '5']);
      expect(away.bus.published).toEqual([]);
      expect((await away.request('/v1/operations/6f2d1c9e-4a5b-4c3d-8e7f-001122334455')).status).toBe(503);
    } finally {
      await away.close();
    }
  });
});
