import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import type { AuditReport } from '../../src/runtime/drift/drift-report.js';
import { driftStore } from '../../src/runtime/journal/drift-store.js';
import { id } from '../support/builders.js';
import { describeStack } from '../support/stack.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { json, startApi, type Answer, type TestApi } from './test-app.js';

const STARTED = '2026-11-21T08:00:00.000Z';
const FINISHED = '2026-11-21T08:00:01.500Z';
const ENTRY = { consulNode: 'rollcall-0a', serviceId: 'onex-compute-b: 2', serviceName: 'onex-compute' };

const REPORT: AuditReport = {
  auditId: id(1),
  backend: 'consul',
  startedAt: STARTED,
  finishedAt: FINISHED,
  compared: 3,
  entries: 4,
  unsettled: 1,
  skippedBuckets: 250,
  counts: { missing: 1, altered: 1, ghost: 1, foreign: 1 },
  findings: [
    { nodeId: 'a', drift: 'missing', revision: 4, foundRevision: null, differences: [], entry: null },
    { nodeId: 'b', drift: 'altered', revision: 4, foundRevision: 3, differences: ['tags', 'port'], entry: null },
    { nodeId: 'b', drift: 'ghost', revision: 4, foundRevision: 2, differences: [], entry: ENTRY },
    { nodeId: 'ü / x', drift: 'foreign', revision: null, foundRevision: null, differences: [], entry: ENTRY },
  ],
  cutOff: null,
  held: [{ reason: 'too_many_differ', entries: 2 }],
  repairs: 1,
};

describeStack('the API of drift', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  beforeEach(() => state.database.pool.query('truncate drift_findings, drift_status, drift_repairs'));
  afterAll(async () => {
    await api.close();
    await state.drop();
  });

  const store = () => driftStore(state.database.pool);
  const driftIn = ({ body }: Answer) => DOCUMENTS.Drift.parse(body);
  const repairIn = ({ body }: Answer) => DOCUMENTS.DriftRepair.parse(body);

  it('has nothing to tell before the first audit', async () => {
    expect((await api.request('/v1/drift')).body).toEqual({ backends: [], items: [], nextCursor: null });
  });

  it('tells what the last audits came to, and each entry', async () => {
    await store().writeAudit(REPORT);
    const { backends, items, nextCursor } = driftIn(await api.request('/v1/drift'));
    const { findings: _findings, held: _held, ...same } = REPORT;
    expect(backends).toEqual([
      {
        ...same,
        status: 'held',
        heldSince: FINISHED,
        held: [
          {
            reason: 'too_many_differ',
            entries: 2,
            decidedBy: 'operator',
            text: expect.stringContaining('"force": true'),
          },
        ],
      },
    ]);
    const seen = { backend: 'consul', firstSeenAt: STARTED, lastSeenAt: FINISHED };
    expect(items).toEqual(REPORT.findings.map((finding) => ({ ...seen, ...finding })));
    expect(nextCursor).toBeNull();
  });

  it.each([
    ['clean', { counts: { missing: 0, altered: 0, ghost: 0, foreign: 5 }, held: [] }],
    ['drifting', { held: [{ reason: 'settling', entries: 3 }] }],
    ['incomplete', { cutOff: 'Consul does not answer', held: [] }],
  ] as const)('says when a backend is %s', async (status, change) => {
    await store().writeAudit({ ...REPORT, ...change });
    expect(driftIn(await api.request('/v1/drift')).backends).toMatchObject([{ status }]);
  });

  it('pages and filters', async () => {
    await store().writeAudit(REPORT);
    await store().writeAudit({ ...REPORT, backend: 'postgres', findings: REPORT.findings.slice(0, 1) });
    const pages: string[][] = [];
    for (let cursor = ''; ;) {
      const { items, nextCursor } = driftIn(await api.request(`/v1/drift?limit=2${cursor}`));
      pages.push(items.map(({ backend, nodeId, drift }) => `${backend} ${nodeId} ${drift}`));
      if (nextCursor === null) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(pages).toEqual([
      ['consul a missing', 'consul b altered'],
      ['consul b ghost', 'consul ü / x foreign'],
      ['postgres a missing'],
    ]);
    const count = async (query: string) => driftIn(await api.request(`/v1/drift?${query}`)).items.length;
    expect(await count('backend=postgres')).toBe(1);
    expect(await count('drift=missing')).toBe(2);
    expect(await count('nodeId=b&drift=ghost')).toBe(1);
    expect(await count(`nodeId=${encodeURIComponent('ü / x')}`)).toBe(1);
  });

  it('takes a repair, and says where it can be asked for', async () => {
    const taken = await api.request('/v1/drift/repair', json({ backend: 'consul', nodeId: 'a', drift: 'missing' }));
    const repair = repairIn(taken);
    expect([taken.status, taken.headers.get('location')]).toEqual([202, `/v1/drift/repairs/${repair.id}`]);
    expect(repair).toMatchObject({ status: 'pending', backend: 'consul', nodeId: 'a', drift: 'missing', outcome: [] });
    expect(await store().nextRepair()).toEqual({
      id: repair.id,
      backend: 'consul',
      nodeId: 'a',
      drift: 'missing',
      dryRun: false,
      force: false,
    });
    const outcome = { backend: 'consul', compared: 3, matching: 2, repairs: 1, cutOff: null } as const;
    await store().finishRepair(repair.id, [{ ...outcome, held: [{ reason: 'settling', entries: 1 }] }]);
    const done = await api.request(`/v1/drift/repairs/${repair.id}`);
    expect(repairIn(done)).toMatchObject({
      status: 'done',
      outcome: [{ ...outcome, held: [{ reason: 'settling', entries: 1, decidedBy: 'waits' }] }],
    });
  });

  it('takes one for everything without a body', async () => {
    const repair = repairIn(await api.request('/v1/drift/repair', { method: 'POST' }));
    expect(repair).toMatchObject({ backend: null, nodeId: null, drift: null, dryRun: false, force: false });
  });

  it('waits for the outcome where that is preferred, and no longer', async () => {
    const init = json({ dryRun: true, force: true });
    const preferring = (wait: number) => ({
      ...init,
      headers: { 'content-type': 'application/json', prefer: `wait=${wait}` },
    });
    const late = await api.request('/v1/drift/repair', preferring(1));
    expect([late.status, late.headers.get('preference-applied')]).toEqual([202, 'wait=1']);
    await store().finishRepair(repairIn(late).id, []);

    const asked = api.request('/v1/drift/repair', preferring(30));
    for (let request = null; request === null;) {
      request = await store().nextRepair();
      if (request !== null) await store().finishRepair(request.id, []);
    }
    const done = await asked;
    expect([done.status, repairIn(done).status]).toEqual([200, 'done']);
  });

  it('turns away what would wait too long', async () => {
    await state.database.pool.query(
      `insert into drift_repairs (id, dry_run, force) select gen_random_uuid(), true, false from generate_series(1, 100)`,
    );
    const { status, headers, body } = await api.request('/v1/drift/repair', { method: 'POST' });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(DOCUMENTS.Problem.parse(body).type).toBe('/problems/too-many-repairs');
  });

  it('does not know every repair', async () => {
    const { status, body } = await api.request(`/v1/drift/repairs/${id(7)}`);
    expect([status, DOCUMENTS.Problem.parse(body).type]).toEqual([404, '/problems/drift-repair-not-found']);
  });

  it.each([
    ['/v1/drift?backend=redis', {}, 'backend'],
    ['/v1/drift?drift=lost', {}, 'drift'],
    ['/v1/drift?limit=0', {}, 'limit'],
    ['/v1/drift?cursor=x', {}, 'cursor'],
    [`/v1/drift?cursor=${Buffer.from('f:consul/%E0/').toString('base64url')}`, {}, 'cursor'],
    [`/v1/drift?cursor=${Buffer.from('f:consul/a%00/').toString('base64url')}`, {}, 'cursor'],
    ['/v1/drift?cursor=a&cursor=b', {}, 'cursor'],
    ['/v1/drift?nodeId=%00', {}, 'nodeId'],
    ['/v1/drift/repair', json({ backend: 'redis' }), 'backend'],
    ['/v1/drift/repair', json({ drift: 'foreign' }), 'drift'],
    ['/v1/drift/repair', json({ nodeId: '-' }), 'nodeId'],
    ['/v1/drift/repair', json({ dryRun: 'yes' }), 'dryRun'],
    ['/v1/drift/repair', json({ force: 1 }), 'force'],
    ['/v1/drift/repair', json({ dry_run: true }), 'dry_run'],
    ['/v1/drift/repair', json([]), 'body'],
    ['/v1/drift/repair?force=true', json({}), 'force'],
    ['/v1/drift/repairs/x', {}, 'id'],
  ])('%s refuses what is wrong, and names it (%#)', async (path, init, field) => {
    const { status, body } = await api.request(path, init);
    const problem = DOCUMENTS.Problem.parse(body);
    expect([status, problem.type]).toEqual([400, '/problems/validation']);
    expect(problem.errors?.map((error) => error.field)).toContain(field);
  });
});
