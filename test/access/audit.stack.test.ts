import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { AuditRetention } from '../../src/api/audit/audit-retention.js';
import { AUDIT_DOCUMENTS } from '../../src/api/audit/documents.js';
import { AuditStore } from '../../src/api/read/audit-store.js';
import { createLog } from '../../src/runtime/index.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { json, startApi, type TestApi } from '../api/test-app.js';
import { describeStack } from '../support/stack.js';
import { accessOptions } from './options.js';

type Item = Readonly<Record<string, unknown>>;

describeStack('the audit', ['postgres'], () => {
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
  beforeEach(() => state.database.pool.query('truncate api_audit'));

  async function entries(query = ''): Promise<readonly Item[]> {
    const { status, body } = await api.request(`/v1/audit${query}`);
    expect(status).toBe(200);
    return AUDIT_DOCUMENTS.AuditPage.parse(body).items;
  }

  it('has every command, with what it came to', async () => {
    const started = await api.request('/v1/nodes', json({ nodeId: 'audit-1', nodeType: 'effect' }));
    const asked = await api.request('/v1/introspection-requests', json({ targetNodeId: 'audit-2' }));
    await api.request('/v1/expiry/release', json({ forMs: 1000 }));
    await api.request('/v1/expiry/resume-protection', { method: 'POST' });
    await api.request('/v1/dead-letters/redrive', json({ filter: {} }));
    const redrive = await api.request('/v1/dead-letters/9a5b6a35-6dd5-5a51-a6f2-4f6e0d8b1c11/redrive', {
      method: 'POST',
    });
    await api.request('/v1/dead-letters/9a5b6a35-6dd5-5a51-a6f2-4f6e0d8b1c11/release', { method: 'POST' });
    const repair = await api.request('/v1/drift/repair', json({ dryRun: true }));
    await api.request('/v1/nodes/audit-3', { method: 'DELETE' });
    expect([started.status, asked.status, redrive.status, repair.status]).toEqual([202, 202, 404, 202]);

    const found = (await entries()).toReversed();
    expect(found.map(({ action, target, outcome, status }) => [action, target, outcome, status])).toEqual([
      ['node.register', 'audit-1', 'done', 202],
      ['introspection.request', 'audit-2', 'done', 202],
      ['expiry.release', null, 'done', 202],
      ['expiry.resume-protection', null, 'done', 202],
      ['dead-letters.redrive', null, 'done', 202],
      ['dead-letter.redrive', '9a5b6a35-6dd5-5a51-a6f2-4f6e0d8b1c11', 'refused', 404],
      ['dead-letter.release', '9a5b6a35-6dd5-5a51-a6f2-4f6e0d8b1c11', 'refused', 404],
      ['drift.repair', null, 'done', 202],
      ['node.deregister', 'audit-3', 'refused', 404],
    ]);
    expect(found[0]).toMatchObject({
      caller: { name: 'anonymous', role: 'admin', source: 'none' },
      resultId: (started.body as Item)['operationId'],
      details: '{"nodeId":"audit-1","nodeType":"effect"}',
    });
    expect(found[1]?.['resultId']).toBe((asked.body as Item)['eventId']);
    expect(found[7]?.['resultId']).toBe((repair.body as Item)['id']);
    expect(found[8]).toMatchObject({ problem: 'node-not-found', resultId: null });
  });

  it('has no entry for what only reads, nor for what nodes say', async () => {
    await api.request('/v1/nodes');
    await api.request('/v1/nodes/n-1/heartbeat', { method: 'POST' });
    await api.graphql('{ registryStats { total } }');
    expect(await entries()).toEqual([]);
  });

  it('is there before the command is carried out', async () => {
    const publish = api.bus.publish.bind(api.bus);
    let seen: readonly Item[] = [];
    api.bus.publish = async (records) => {
      seen = (await state.database.pool.query<Item>('select action, outcome, target from api_audit')).rows;
      await publish(records);
    };
    try {
      await api.request('/v1/nodes', json({ nodeId: 'audit-4', nodeType: 'effect' }));
    } finally {
      api.bus.publish = publish;
    }
    expect(seen).toEqual([{ action: 'node.register', outcome: null, target: 'audit-4' }]);
  });

  it('finds by every filter, and page by page', async () => {
    for (const nodeId of ['p-1', 'p-2', 'p-3']) await api.request('/v1/nodes', json({ nodeId, nodeType: 'effect' }));
    await api.request('/v1/nodes/p-4', { method: 'DELETE' });
    const targets = async (query: string) => (await entries(query)).map(({ target }) => target);
    expect(await targets('?action=node.register')).toEqual(['p-3', 'p-2', 'p-1']);
    expect(await targets('?outcome=refused')).toEqual(['p-4']);
    expect(await targets('?target=p-2')).toEqual(['p-2']);
    expect(await targets('?caller=anonymous&limit=1')).toEqual(['p-4']);
    expect(await targets('?caller=nobody')).toEqual([]);
    expect(await targets('?from=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await targets('?to=2999-01-01T00:00:00Z')).toHaveLength(4);

    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await api.request(`/v1/audit?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = AUDIT_DOCUMENTS.AuditPage.parse(body);
      seen.push(...page.items.map(({ target }) => target));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['p-4', 'p-3', 'p-2', 'p-1']);
  });

  it.each([
    '?action=node.eat',
    '?outcome=maybe',
    '?from=yesterday',
    '?caller=',
    '?colour=red',
    '?limit=0',
    '?cursor=abc',
  ])('refuses %s', async (query) => {
    expect((await api.request(`/v1/audit${query}`)).status).toBe(400);
  });

  it('takes whatever a caller may send', async () => {
    const wild = { nodeId: 'audit-5', nodeType: 'effect', metadata: { text: `\u0001${'\u{1f600}'.repeat(3000)}` } };
    expect((await api.request('/v1/nodes', json(wild))).status).toBe(202);
    expect((await api.request('/v1/nodes/%00', { method: 'DELETE' })).status).toBe(400);
    expect((await api.request('/v1/nodes/x?reason=%00', { method: 'DELETE' })).status).toBe(400);
    const deep = `{"nodeId":"audit-6","nodeType":"effect","metadata":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect((await api.request('/v1/nodes', { ...json({}), body: deep })).status).toBe(400);
    const found = await entries();
    expect(found.map(({ status }) => status)).toEqual([400, 400, 400, 202]);
    expect(found[0]).toMatchObject({ target: 'audit-6', details: '(too deep)' });
    expect(String(found[3]?.['details']).length).toBeLessThanOrEqual(2000);
  });

  it('is kept for as long as it has to be', async () => {
    await state.database.pool.query(`
      insert into api_audit (id, at, action, ip, method, route)
      select gen_random_uuid(), clock_timestamp() - n * interval '1 day', 'node.register', '::1', 'POST', '/v1/nodes'
      from generate_series(0, 1300) n`);
    const store = new AuditStore(state.database);
    await new AuditRetention(store, accessOptions({ auditRetentionDays: 30 }), createLog('silent')).clean();
    const { rows } = await state.database.pool.query('select count(*)::int as count from api_audit');
    expect(rows).toEqual([{ count: 30 }]);
  });
});
