import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  catalogHealth,
  catalogMigrations,
  createCatalogAudit,
  createCatalogEffect,
  createPostgresAudit,
  createPostgresEffect,
  createToolRegistrationsView,
  postgresHealth,
  registryMigrations,
  restoreRegistrations,
} from '../../src/registry-effect/index.js';
import { createLog, Database } from '../../src/runtime/index.js';
import { told } from './audit-all.js';
import { asRegister, asUpsert, desired } from './desired-nodes.js';
import { openEmbeddedState } from './embedded-state.js';
import { at, deactivate, deregister, names, register, upsert } from './sample-intents.js';

const log = createLog('silent');
/** For a machine that has other work to do. */
const PATIENT = { requestTimeoutMs: 60_000 };

/** Everything in the embedded database, which has one connection: who holds it may not wait for a second one. */
describe('both effects on the one connection of the embedded database', () => {
  let state: Database;
  let registry: Database;
  let catalog: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ state, close } = await openEmbeddedState());
    const prepare = createToolRegistrationsView;
    registry = new Database({ name: 'registry', shares: state, migrations: registryMigrations, prepare, log });
    catalog = new Database({ name: 'catalog', shares: state, migrations: catalogMigrations, log });
    await Promise.all([registry.ready, catalog.ready]);
  });
  afterAll(async () => {
    await catalog.close();
    await registry.close();
    await close();
  });

  it('write side by side, a bad row of each failing alone, while health is asked and others read', async () => {
    const pool = state.connections;
    const consul = createCatalogEffect({ pool, registryId: 'reg', ...PATIENT });
    const postgres = createPostgresEffect({ pool, ...PATIENT });
    const ids = names(60);
    const version = (id: string) => (id === 'node-0007' ? 'a\0b' : '1.0.0');
    const [registered, upserted, health, registryHealth] = await Promise.all([
      consul.registerConsulServices.apply(ids.map((id) => at(register(id, { record: { nodeVersion: version(id) } })))),
      postgres.upsertRegistrations.apply(ids.map((id) => at(upsert(id, { record: { nodeVersion: version(id) } })))),
      catalogHealth({ pool, timeoutMs: 60_000 }),
      postgresHealth({ pool, timeoutMs: 60_000 }),
      ...Array.from({ length: 20 }, () => pool.query('select 1')),
    ]);
    for (const outcomes of [registered, upserted]) {
      expect(ids.filter((_, index) => !outcomes[index]!.ok)).toEqual(['node-0007']);
    }
    expect(health).toMatchObject({ ok: true });
    expect(registryHealth).toMatchObject({ ok: true });
    expect(pool.totalCount).toBe(1);
  });

  it('fence, and tell which revision stands in the way', async () => {
    const pool = state.connections;
    const consul = createCatalogEffect({ pool, registryId: 'reg', ...PATIENT });
    const postgres = createPostgresEffect({ pool, ...PATIENT });
    await Promise.all([
      consul.deregisterConsulServices.apply([at(deregister('node-0001'))]),
      postgres.deactivateRegistrations.apply([at(deactivate('node-0001', 9))]),
    ]);
    const outcomes = await Promise.all([
      consul.registerConsulServices.apply([at(register('node-0001', { revision: 8 }))]),
      postgres.upsertRegistrations.apply([at(upsert('node-0001', { revision: 8 }))]),
    ]);
    expect(outcomes.flat()).toMatchObject([
      { ok: false, errorCode: 'CONSUL_VALIDATION_ERROR' },
      { ok: false, errorCode: 'POSTGRES_VALIDATION_ERROR' },
    ]);
  });

  it('are looked at on it, and write on after somebody has dropped the table', async () => {
    const pool = state.connections;
    const options = { pool, isServing: () => true, restoreTable: restoreRegistrations, ...PATIENT };
    const consul = createCatalogEffect({ pool, registryId: 'looked-at', ...PATIENT });
    const postgres = createPostgresEffect(options);
    const audits = [createCatalogAudit({ ...options, registryId: 'looked-at' }), createPostgresAudit(options)];
    const nodes = ['x', 'y'].map((nodeId) => desired(nodeId));
    const look = () => Promise.all(audits.map((audit) => told(audit, nodes)));
    await consul.registerConsulServices.apply(nodes.map((node) => at(asRegister(node))));
    await postgres.upsertRegistrations.apply(nodes.map((node) => at(asUpsert(node))));
    expect((await look()).flat().filter((finding) => !finding.startsWith('foreign'))).toEqual([]);
    await pool.query(`DROP TABLE node_registrations CASCADE; UPDATE catalog_services SET port = 1 WHERE node_id = 'x'`);
    expect((await look()).flat().filter((finding) => !finding.startsWith('foreign'))).toEqual([
      'altered x: service.port',
      'missing x:',
      'missing y:',
    ]);
    await postgres.upsertRegistrations.apply(nodes.map((node) => at(asUpsert(node))));
    expect((await pool.query('SELECT id FROM tool_registrations')).rows).toHaveLength(2);
    expect(pool.totalCount).toBe(1);
  });

  it('give a connection back that was held too long, and go on with the next', async () => {
    const pool = state.connections;
    const consul = createCatalogEffect({ pool, registryId: 'reg', requestTimeoutMs: 20, retryAttempts: 1 });
    const held = await pool.connect();
    await expect(consul.registerConsulServices.apply([at(register('late'))])).rejects.toMatchObject({
      code: 'CONSUL_TIMEOUT_ERROR',
    });
    held.release();
    const patient = createCatalogEffect({ pool, registryId: 'reg', ...PATIENT });
    expect(await patient.registerConsulServices.apply([at(register('late'))])).toEqual([{ ok: true }]);
  });
});
