import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  catalogHealth,
  catalogMigrations,
  createCatalogEffect,
  createPostgresEffect,
  createToolRegistrationsView,
  postgresHealth,
  registryMigrations,
} from '../../src/registry-effect/index.js';
import { createLog, Database } from '../../src/runtime/index.js';
import { openEmbeddedState } from './embedded-state.js';
import { at, deactivate, deregister, names, register, upsert } from './sample-intents.js';

const log = createLog('silent');
jest.setTimeout(60_000);

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
    const [consul, postgres] = [createCatalogEffect({ pool, registryId: 'reg' }), createPostgresEffect({ pool })];
    const ids = names(60);
    const version = (id: string) => (id === 'node-0007' ? 'a\0b' : '1.0.0');
    const [registered, upserted, health, registryHealth] = await Promise.all([
      consul.registerConsulServices.apply(ids.map((id) => at(register(id, { record: { nodeVersion: version(id) } })))),
      postgres.upsertRegistrations.apply(ids.map((id) => at(upsert(id, { record: { nodeVersion: version(id) } })))),
      catalogHealth({ pool, timeoutMs: 30_000 }),
      postgresHealth({ pool, timeoutMs: 30_000 }),
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
    const [consul, postgres] = [createCatalogEffect({ pool, registryId: 'reg' }), createPostgresEffect({ pool })];
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

  it('give a connection back that was held too long, and go on with the next', async () => {
    const pool = state.connections;
    const consul = createCatalogEffect({ pool, registryId: 'reg', requestTimeoutMs: 20, retryAttempts: 1 });
    const held = await pool.connect();
    await expect(consul.registerConsulServices.apply([at(register('late'))])).rejects.toMatchObject({
      code: 'CONSUL_TIMEOUT_ERROR',
    });
    held.release();
    const patient = createCatalogEffect({ pool, registryId: 'reg' });
    expect(await patient.registerConsulServices.apply([at(register('late'))])).toEqual([{ ok: true }]);
  });
});
