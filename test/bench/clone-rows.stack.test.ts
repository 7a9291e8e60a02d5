import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { cloneRows } from '../../src/bench/load/fixture/clone-rows.js';
import { muteFleet } from '../../src/bench/load/fixture/mute-fleet.js';
import { createLog, Database } from '../../src/runtime/index.js';
import { stateMigrations } from '../../src/runtime/journal/migrations/index.js';
import { migrateUp } from '../registry-effect/migrate.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';

const TEMPLATE = 'fleet-000001';
const CLONES = ['fleet-000002', 'fleet-000003'];
/** With blanks and in an order of its own, which `jsonb` would lose. */
const STATE = `{"z": 1, "liveness":"heartbeat",  "record":{"nodeId":"${TEMPLATE}","a":"é"}, "z2":[]}`;
const UUID = '6f1f8a52-63b1-4a39-9a0a-0d6f6a4f7c11';

describeStack('clones of a registered node', ['postgres'], () => {
  let server: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    server = await createDatabase();
    const state = new Database({
      name: 'state',
      url: server.url,
      migrations: stateMigrations,
      connections: 2,
      log: createLog('silent'),
    });
    await state.ready;
    await state.close();
    await migrateUp(server.url);
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      `insert into machine_states (machine, node_id, version, status, state, deadline_kind, deadline_at, deadline_after_ms, updated_at)
       values ('orchestrator', $1, 4, 'active', $2, 'liveness', now(), 30000, now()), ('reducer', $1, 9, 'complete', $2, null, null, null, now())`,
      [TEMPLATE, STATE],
    );
    await client.query(
      `insert into journal (machine, node_id, event_id, version, event_type, input, rule, from_status, path, to_status, outputs,
         correlation_id, occurred_at, contract_version)
       select machine, $1, gen_random_uuid(), version, 'TYPE', '{"of": "${TEMPLATE}"}', 'rule', 'none', 'a > b', 'b', '[ ]', $2, now(), '1'
       from unnest(array['orchestrator', 'orchestrator', 'reducer'], array[3, 4, 9]) as t(machine, version)`,
      [TEMPLATE, UUID],
    );
    await client.query(
      `insert into node_registrations (node_id, node_type, node_version, capabilities, capability_tags, endpoints, metadata, state, revision,
         attempt_id, registered_at, updated_at)
       values ($1, 'effect', '1.0.0', '{"a": true}', '{a,"b c"}', '{}', '{}', 'active', 2, $2, now(), now())`,
      [TEMPLATE, UUID],
    );
    await cloneRows(client, { template: TEMPLATE, nodeIds: CLONES, orchestratorOnly: false });
  });

  afterAll(async () => {
    await client.end();
    await server.drop();
  });

  const all = async (text: string): Promise<unknown[]> => (await client.query(text)).rows as unknown[];

  it('have its states to the byte, under their own id', async () => {
    const rows = await all(
      'select machine, node_id, state::text as state, version, deadline_after_ms from machine_states order by 1, 2',
    );
    const expected = (machine: string, version: number, afterMs: number | null) =>
      [TEMPLATE, ...CLONES].map((id) => ({
        machine,
        node_id: id,
        state: STATE.replaceAll(TEMPLATE, id),
        version,
        deadline_after_ms: afterMs,
      }));
    expect(rows).toEqual([...expected('orchestrator', 4, 30_000), ...expected('reducer', 9, null)]);
  });

  it('are due long after the fixture is made, each at its own time', async () => {
    const [row] = await all(
      `select count(distinct deadline_at)::int as times, min(deadline_at) > now() + interval '20 minutes' as far from machine_states
       where node_id <> '${TEMPLATE}' and machine = 'orchestrator'`,
    );
    expect(row).toEqual({ times: 2, far: true });
  });

  it('have the last entry of each journal', async () => {
    const rows = await all(
      `select node_id, machine, version, input::text as input, outputs::text as outputs from journal where node_id <> '${TEMPLATE}' order by 1, 2`,
    );
    const entry = (id: string, machine: string, version: number) => ({
      node_id: id,
      machine,
      version,
      input: `{"of": "${id}"}`,
      outputs: '[ ]',
    });
    expect(rows).toEqual(CLONES.flatMap((id) => [entry(id, 'orchestrator', 4), entry(id, 'reducer', 9)]));
  });

  it('have its record', async () => {
    const rows = await all(
      'select distinct capability_tags, capabilities, revision, count(*) over ()::int as nodes from node_registrations',
    );
    expect(rows).toEqual([{ capability_tags: ['a', 'b c'], capabilities: { a: true }, revision: '2', nodes: 3 }]);
  });

  it('can be made to owe no heartbeats, and back', async () => {
    const states = 'select * from machine_states order by machine, node_id';
    const before = await all(states);
    const restore = await muteFleet(client);
    const muted = await all(
      `select distinct deadline_kind, deadline_at, state::json ->> 'liveness' as liveness from machine_states where machine = 'orchestrator'`,
    );
    expect(muted).toEqual([{ deadline_kind: null, deadline_at: null, liveness: 'none' }]);
    await restore();
    expect(JSON.stringify(await all(states))).toBe(JSON.stringify(before));
  });
});
