import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { describeStack } from '../support/stack.js';
import { insertNodes, type NodeOf } from './fleet-rows.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

const NEVER = { consulRegistered: false, postgresRegistered: false, registeredAt: null };

const FLEET: readonly NodeOf[] = [
  { nodeId: 'active' },
  { nodeId: 'degraded', state: { degraded: true, consulRegistered: false } },
  { nodeId: 'waiting', status: 'awaiting_ack' },
  { nodeId: 'new', status: 'pending_registration', state: NEVER },
  { nodeId: 'half', status: 'pending_registration', state: { ...NEVER, consulRegistered: true } },
  // Was there before.
  {
    nodeId: 'restarted',
    status: 'pending_registration',
    state: { ...NEVER, registeredAt: '2026-11-21T08:00:00.000Z' },
  },
  { nodeId: 'refused', status: 'rejected', nodeType: 'gateway', state: NEVER },
  { nodeId: 'silent-ack', status: 'ack_timed_out' },
  { nodeId: 'silent', status: 'liveness_expired' },
  { nodeId: 'leaving', status: 'deregistering' },
  { nodeId: 'gone', status: 'deregistered', state: { consulRegistered: false, postgresRegistered: false } },
];

describeStack('registrations in numbers', ['postgres'], () => {
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

  const metrics = async () => {
    const { status, body } = await api.request('/v1/metrics/registrations');
    expect(status).toBe(200);
    return DOCUMENTS.RegistrationMetrics.parse(body);
  };

  it('are all nought in an empty registry', async () => {
    expect(await metrics()).toEqual({
      total: 0,
      successful: 0,
      failed: 0,
      consulRegistrations: 0,
      postgresRegistrations: 0,
      registeredNodes: { count: 0, names: [] },
    });
  });

  it('mean what the description says', async () => {
    await insertNodes(state.database.pool, FLEET);
    expect(await metrics()).toEqual({
      total: 11,
      // active, degraded, waiting, restarted, silent, leaving, gone
      successful: 7,
      // refused, silent-ack
      failed: 2,
      // active, waiting, half, leaving
      consulRegistrations: 4,
      // active, degraded, waiting, leaving
      postgresRegistrations: 4,
      registeredNodes: { count: 2, names: ['active', 'degraded'] },
    });
  });

  it('name the first 1000 in the order of their ids', async () => {
    const ids = Array.from({ length: 1100 }, (_, index) => `node-${String(index).padStart(4, '0')}`);
    await insertNodes(
      state.database.pool,
      [...ids].reverse().map((nodeId) => ({ nodeId })),
    );
    const { registeredNodes } = await metrics();
    expect(registeredNodes).toEqual({ count: 1102, names: ['active', 'degraded', ...ids].slice(0, 1000) });
  });

  it('take no parameters', async () => {
    const { status, body } = await api.request('/v1/metrics/registrations?names=all');
    expect([status, body]).toMatchObject([400, { type: '/problems/validation', errors: [{ field: 'names' }] }]);
  });

  it('are still given after a count that failed', async () => {
    const answering = { pool: state.database.pool };
    const failing = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const away = { query: () => Promise.reject(failing) } as unknown as typeof answering.pool;
    const flaky: { pool: typeof answering.pool } = { pool: away };
    const other = await startApi(flaky);
    try {
      const answers = await Promise.all([1, 2, 3].map(() => other.request('/v1/metrics/registrations')));
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      flaky.pool = answering.pool;
      expect((await other.request('/v1/metrics/registrations')).status).toBe(200);
    } finally {
      await other.close();
    }
  });
});
