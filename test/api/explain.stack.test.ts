import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { explainFacts } from '../../src/api/read/explain-facts.js';
import type { Facts } from '../../src/api/read/facts.js';
import { nodeAsOf } from '../../src/api/read/fleet-as-of.js';
import { writeBatch } from '../../src/runtime/journal/write-batch.js';
import { NODE } from '../support/builders.js';
import { describeStack } from '../support/stack.js';
import { factsOf } from './explain-journal.js';
import type { Life } from './explain-life.js';
import { LIVES, THEN } from './explain-lives.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

describeStack('explanations', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  afterAll(async () => {
    await api?.close();
    await state?.drop();
  });

  /** The tables as the life has left them, and nothing else in them. */
  async function store({ journal, storage }: Life): Promise<void> {
    const { pool } = state.database;
    await pool.query('delete from journal; delete from machine_states');
    const client = await pool.connect();
    try {
      for (const { entry } of journal) await writeBatch(client, { changes: [], read: [], entries: [entry] });
    } finally {
      client.release();
    }
    for (const machine of ['orchestrator', 'reducer'] as const) {
      const row = storage[machine].rowOf(machine, NODE);
      if (row !== undefined) {
        await pool.query(
          `insert into machine_states (machine, node_id, version, status, state, deadline_kind, deadline_at,
             last_heartbeat_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
          [
            ...[machine, NODE, row.version, row.state?.status, JSON.stringify(row.state)],
            ...[row.deadline?.kind, row.deadline?.at, row.lastHeartbeatAt],
          ],
        );
      }
    }
  }

  /** The same with what PostgreSQL's clock says of the deadline. */
  function byTheClock({ now, ...facts }: Facts): Facts {
    const deadline = now?.deadline ?? null;
    const passed = deadline !== null && Date.parse(deadline.at) <= Date.now();
    return { ...facts, now: now && { ...now, deadline: deadline && { ...deadline, passed } } };
  }

  it.each(Object.entries(LIVES))('rest on the facts of the journal: a node that %s', async (_name, live) => {
    const life = live();
    await store(life);
    expect(await explainFacts(state.database, NODE, null)).toEqual(byTheClock(factsOf(life)));
    expect(await explainFacts(state.database, NODE, THEN)).toEqual(factsOf(life, THEN));
  });

  it('and the fleet as it was rest on the same steps', async () => {
    const life = LIVES['has expired']();
    await store(life);
    const steps = life.journal.filter(({ machine, entry }) => machine === 'orchestrator' && entry.stateAfter !== null);
    expect(steps.length).toBeGreaterThan(3);
    for (const { entry } of steps) {
      const [node, facts] = await Promise.all([
        nodeAsOf(state.database, entry.occurredAt, NODE),
        explainFacts(state.database, NODE, entry.occurredAt),
      ]);
      expect([node?.state, facts?.state.status]).toEqual([entry.toStatus, entry.toStatus]);
    }
  });

  it('know nothing of a node that has never been, or was not yet', async () => {
    await store(LIVES['is active']());
    expect(await explainFacts(state.database, 'nobody', null)).toBeNull();
    expect(await explainFacts(state.database, NODE, '2026-11-21T10:00:00.999Z')).toBeNull();
    expect(await explainFacts(state.database, NODE, '2026-11-21T10:00:01.000Z')).toMatchObject({
      state: { status: 'pending_registration' },
    });
  });

  it('are given by REST and by GraphQL alike', async () => {
    await store(LIVES['has expired']());
    const { status, body } = await api.request(`/v1/nodes/${NODE}/explain`);
    expect(status).toBe(200);
    expect(DOCUMENTS.Explanation.parse(body)).toMatchObject({
      nodeId: NODE,
      state: 'liveness_expired',
      since: '2026-11-21T10:01:00.000Z',
      because: { eventType: 'DEADLINE_PASSED', rule: 'expire_liveness' },
      text: expect.stringContaining('(no heartbeat came before the deadline)'),
    });
    const fields = 'nodeId state since because { eventType eventId occurredAt rule } text';
    const answer = await api.graphql(`{ explain(id: "${NODE}") { ${fields} } }`);
    expect(answer.body).toEqual({ data: { explain: body } });
  });

  it('are given of the past', async () => {
    await store(LIVES['has expired']());
    const { pool } = state.database;
    await pool.query(`update journal set occurred_at = occurred_at - interval '20 years'`);
    const asOf = '2006-11-21T10:00:04Z';
    const { status, body } = await api.request(`/v1/nodes/${NODE}/explain?asOf=${asOf}`);
    expect([status, body]).toMatchObject([
      200,
      { state: 'active', text: expect.stringMatching(/^At 2006-11-21T10:00:04.000Z node-1 was active, since/) },
    ]);
    const answer = await api.graphql(`{ explain(id: "${NODE}", asOf: "${asOf}") { state text } }`);
    const { state: shown, text } = body as { state: string; text: string };
    expect(answer.body).toEqual({ data: { explain: { state: shown, text } } });
    const before = '2006-11-21T10:00:00Z';
    expect((await api.request(`/v1/nodes/${NODE}/explain?asOf=${before}`)).body).toMatchObject({
      type: '/problems/node-not-found',
      detail: 'no node named node-1 was known here at 2006-11-21T10:00:00.000Z',
    });
    expect((await api.graphql(`{ explain(id: "${NODE}", asOf: "${before}") { text } }`)).body).toEqual({
      data: { explain: null },
    });
  });

  it.each([
    ['nobody/explain', 404, 'node-not-found'],
    ['a%20b/explain', 400, 'validation'],
    ['a/explain?asOf=yesterday', 400, 'validation'],
    ['a/explain?colour=red', 400, 'validation'],
  ])('%s is %i %s', async (path, status, type) => {
    const answer = await api.request(`/v1/nodes/${path}`);
    expect([answer.status, answer.body]).toMatchObject([status, { type: `/problems/${type}` }]);
  });
});
