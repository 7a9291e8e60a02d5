import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DOCUMENTS } from '../../src/api/rest/documents.js';
import { writeBatch } from '../../src/runtime/journal/write-batch.js';
import { NODE } from '../support/builders.js';
import { describeStack } from '../support/stack.js';
import type { Life } from './explain-life.js';
import { LIVES } from './explain-lives.js';
import { createStateDatabase, type StateDatabase } from './state-database.js';
import { startApi, type TestApi } from './test-app.js';

describeStack('one node, looked at closely', ['postgres'], () => {
  let state: StateDatabase;
  let api: TestApi;

  beforeAll(async () => {
    state = await createStateDatabase();
    api = await startApi(state.database);
  });
  beforeEach(async () => {
    await state.database.pool.query('delete from journal; delete from machine_states');
  });
  afterAll(async () => {
    await api?.close();
    await state?.drop();
  });

  async function store({ journal, storage }: Life): Promise<void> {
    const { pool } = state.database;
    const client = await pool.connect();
    try {
      for (const { entry } of journal) await writeBatch(client, { changes: [], read: [], entries: [entry] });
    } finally {
      client.release();
    }
    for (const machine of ['orchestrator', 'reducer'] as const) {
      const row = storage[machine].rowOf(machine, NODE);
      if (row === undefined) continue;
      await pool.query(
        `insert into machine_states (machine, node_id, version, status, state, updated_at) values ($1, $2, $3, $4, $5, now())`,
        [machine, NODE, row.version, row.state?.status, JSON.stringify(row.state)],
      );
    }
  }

  const steps = async (query = '') => {
    const { status, body } = await api.request(`/v1/nodes/${NODE}/steps${query}`);
    expect(status).toBe(200);
    return DOCUMENTS.NodeStepPage.parse(body);
  };

  describe('its steps', () => {
    it('are those of both machines, the newest first, with what each took and published', async () => {
      const life = LIVES['has expired']();
      await store(life);
      const { items, nextCursor } = await steps('?limit=50');
      expect(nextCursor).toBeNull();
      const expected = life.journal.map(({ machine, entry }) => ({
        machine,
        eventId: entry.eventId,
        rule: entry.rule,
        path: entry.path,
        ignored: entry.stateAfter === null,
        payload: (JSON.parse(entry.input) as { payload: unknown }).payload,
        outputs: (JSON.parse(entry.outputs) as { message: { event_id: string; payload: unknown } }[]).map(
          ({ message }) => ({ eventId: message.event_id, payload: message.payload }),
        ),
      }));
      expect(items).toMatchObject(expected.reverse());
      expect(new Set(items.map(({ machine }) => machine))).toEqual(new Set(['orchestrator', 'reducer']));
    });

    it('are linked: the cause of each is an output of another, an intent, or came from outside', async () => {
      await store(LIVES['is active']());
      const { items } = await steps('?limit=50');
      const known = new Set(
        items.flatMap(({ eventId, outputs }) => [eventId, ...outputs.map((output) => output.eventId)]),
      );
      const roots = items.filter(({ causationId }) => causationId === null || !known.has(causationId));
      expect(roots.map(({ eventType }) => eventType).sort()).toEqual(['NODE_INTROSPECTION', 'NODE_REGISTRATION_ACKED']);
    });

    it('come page by page', async () => {
      await store(LIVES['has expired']());
      const all = (await steps('?limit=50')).items;
      const paged: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page = await steps(`?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
        expect(page.items.length).toBeLessThanOrEqual(3);
        paged.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(all);
    });

    it.each(['limit=0', 'limit=51', 'limit=x', 'cursor=bjpiaWxsaW5nLTc', 'asOf=2026-11-21T10:00:00Z'])(
      'refuse %s',
      async (query) => {
        const { status, body } = await api.request(`/v1/nodes/${NODE}/steps?${query}`);
        expect([status, body]).toMatchObject([400, { type: '/problems/validation', errors: [{ in: 'query' }] }]);
      },
    );
  });

  describe('its backends', () => {
    const backends = async () => {
      const { status, body } = await api.request(`/v1/nodes/${NODE}/backends`);
      expect(status).toBe(200);
      return DOCUMENTS.NodeBackends.parse(body);
    };

    it.each(Object.keys(LIVES) as (keyof typeof LIVES)[])(
      'agree with the state of the reducer: a node that %s',
      async (name) => {
        const life = LIVES[name]();
        await store(life);
        const row = life.storage.reducer.rowOf('reducer', NODE)?.state as
          | { desired: { revision: number } | null; consul: { confirmed: number }; postgres: { confirmed: number } }
          | undefined;
        const answer = await backends();
        expect(answer.desired?.revision ?? null).toBe(row?.desired?.revision ?? null);
        for (const backend of ['consul', 'postgres'] as const) {
          const { status, confirmedRevision } = answer[backend];
          expect(confirmedRevision).toBe(row?.desired == null ? 0 : row[backend].confirmed);
          const holds = row?.desired != null && row[backend].confirmed >= row.desired.revision;
          expect(status === 'confirmed').toBe(holds);
        }
      },
    );

    it('hold what is desired of an active node', async () => {
      await store(LIVES['is active']());
      expect(await backends()).toMatchObject({
        desired: { presence: 'present', health: 'passing', record: { nodeId: NODE } },
        consul: { status: 'confirmed', failure: null },
        postgres: { status: 'confirmed', failure: null },
      });
    });
  });

  it.each(['steps', 'backends'])('%s of an unknown node: 404', async (what) => {
    const { status, body } = await api.request(`/v1/nodes/nobody/${what}`);
    expect([status, body]).toMatchObject([404, { type: '/problems/node-not-found' }]);
  });
});
