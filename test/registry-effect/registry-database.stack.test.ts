import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  createPostgresEffect,
  createToolRegistrationsView,
  registryMigrations,
} from '../../src/registry-effect/index.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { migrateUp, withMigrations } from './migrate.js';
import { AT, at, deactivate, record, upsert } from './sample-intents.js';

describeStack('the registry database', ['postgres'], () => {
  let database: TestDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await createDatabase();
    await migrateUp(database.url);
    pool = new pg.Pool({ connectionString: database.url, max: 4 });
    const effect = createPostgresEffect({ pool });
    await effect.upsertRegistrations.apply([at(upsert('n1')), at(upsert('n2')), at(upsert('gone'))]);
    await effect.deactivateRegistrations.apply([at(deactivate('gone', 2))]);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const view = async (): Promise<Record<string, unknown>[]> =>
    (await pool.query<Record<string, unknown>>('SELECT * FROM tool_registrations ORDER BY id')).rows;

  it('serves existing readers by a view of the nodes that are registered', async () => {
    const described = record('n1');
    const rows = await view();
    expect(rows.map(({ id }) => id)).toEqual(['n1', 'n2']);
    expect(rows[0]).toEqual({
      id: 'n1',
      tool_id: 'n1',
      node_type: 'effect',
      capabilities: described.capabilities,
      endpoints: described.endpoints,
      metadata: described.metadata,
      health_endpoint: described.healthEndpoint,
      last_heartbeat: null,
      registered_at: new Date(AT),
      updated_at: new Date(AT),
    });
  });

  it('shows last heartbeats once the states are in the same database, however many replicas start at once', async () => {
    const startAll = () => Promise.all([1, 2, 3, 4].map(() => createToolRegistrationsView(pool)));
    await startAll();
    expect((await view()).map((row) => row['last_heartbeat'])).toEqual([null, null]);
    await pool.query(`
      CREATE TABLE machine_states (machine text, node_id text, last_heartbeat_at timestamptz, PRIMARY KEY (machine, node_id));
      INSERT INTO machine_states VALUES ('orchestrator', 'n1', '2026-11-21T12:00:00Z'), ('reducer', 'n2', '2026-11-21T12:00:00Z')`);
    await startAll();
    expect((await view()).map((row) => row['last_heartbeat'])).toEqual([new Date('2026-11-21T12:00:00Z'), null]);
    await pool.query('DROP TABLE machine_states CASCADE'); // and the view with it
    await startAll();
    expect((await view()).map((row) => row['last_heartbeat'])).toEqual([null, null]);
  });

  it('finds a capability by its index', async () => {
    const client = await pool.connect();
    await client.query('SET enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT node_id FROM node_registrations WHERE capability_tags @> '{resize}'`,
    );
    client.release(true);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('node_registrations_by_tag');
  });

  it('goes back to nothing, and comes again', async () => {
    const other = await createDatabase();
    await migrateUp(other.url);
    const left = await withMigrations(other.url, async (source) => {
      for (const _ of registryMigrations) await source.undoLastMigration();
      const tables: unknown[] = await source.query(
        `SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
         WHERE nspname = 'public' AND relname ~ 'registrations'`,
      );
      expect(await source.runMigrations()).toHaveLength(registryMigrations.length);
      return tables;
    });
    await other.drop();
    expect(left).toEqual([]);
  });
});
