import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { createLog, Database, stateMigrations } from '../../src/runtime/index.js';
import { TextAndColumns1700000000012 } from '../../src/runtime/journal/migrations/12-text-and-columns.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';

/** With blanks and in an order of its own. */
const STATE = '{ "z": 1, "record":{"nodeType":"effect","capabilityTags":["b", "a,b", "\\u00fc"]}, "a":[ 1e3 ] }';
const UUID = '6f1f8a52-63b1-4a39-9a0a-0d6f6a4f7c11';

describeStack('migration 12', ['postgres'], () => {
  let server: TestDatabase;
  let client: pg.Client;
  let database: Database;

  beforeAll(async () => {
    server = await createDatabase();
    const before = stateMigrations.slice(0, stateMigrations.indexOf(TextAndColumns1700000000012));
    await migrated(before).then((opened) => opened.close());
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      `insert into machine_states (machine, node_id, version, status, state, updated_at)
       select machine, 'a', 1, 'active', $1, now() from unnest(array['orchestrator', 'reducer']) as machine`,
      [STATE],
    );
    await client.query(
      `insert into journal (machine, node_id, event_id, version, event_type, input, rule, from_status, path, to_status, state_after,
         outputs, correlation_id, occurred_at, contract_version)
       values ('orchestrator', 'a', $1, 1, 'X', $2, 'r', 'a', 'a > b', 'b', null, '[ ]', $1, now(), '1'),
         ('reducer', 'a', $1, 1, 'X', '{ }', 'r', 'a', 'a > b', 'b', $2, '[]', $1, now(), '1')`,
      [UUID, STATE],
    );
  });

  afterAll(async () => {
    await database?.close();
    await client.end();
    await server.drop();
  });

  async function migrated(migrations: readonly (typeof stateMigrations)[number][]): Promise<Database> {
    const options = { name: 'state', url: server.url, connections: 2, log: createLog('silent') };
    const opened = new Database({ ...options, migrations: [...migrations] });
    await opened.ready;
    return opened;
  }

  const all = async (text: string): Promise<unknown[]> => (await client.query(text)).rows as unknown[];

  const texts = () =>
    Promise.all([
      all('select machine, state::text from machine_states order by machine'),
      all(`select machine, input::text, context::text, state_after::text, outputs::text from journal order by machine`),
    ]);

  const columns = () =>
    all(
      `select attrelid::regclass::text as of, attname::text as name, atttypid::regtype::text as type, attcompression as method
       from pg_attribute where attrelid in ('machine_states'::regclass, 'journal'::regclass)
         and attname in ('state', 'input', 'context', 'state_after', 'outputs') order by 1, 2`,
    );
  const indexes = () =>
    all(`select indexdef from pg_indexes where tablename in ('machine_states', 'journal') order by 1`);

  it('keeps every text and every null, and the compression, and gives nodes the columns that they are found by; and back', async () => {
    const [textsBefore, columnsBefore, indexesBefore] = [await texts(), await columns(), await indexes()];
    database = await migrated(stateMigrations);
    expect(await texts()).toEqual(textsBefore);
    expect(await columns()).toEqual(columnsBefore.map((column) => ({ ...(column as object), type: 'text' })));
    expect(await all('select machine, node_type, capability_tags from machine_states order by machine')).toEqual([
      { machine: 'orchestrator', node_type: 'effect', capability_tags: ['b', 'a,b', 'ü'] },
      { machine: 'reducer', node_type: null, capability_tags: null },
    ]);
    await new TextAndColumns1700000000012().down({ query: all } as never);
    expect([await texts(), await columns(), await indexes()]).toEqual([textsBefore, columnsBefore, indexesBefore]);
  });
});
