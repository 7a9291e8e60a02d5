import { Global, Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { RegistryEffectModule } from '../../src/registry-effect/registry-effect.module.js';
import {
  ComponentRegistry,
  createLog,
  HealthRegistry,
  LOG,
  METRICS,
  STATE_DATABASE,
  type Database,
} from '../../src/runtime/index.js';
import { until } from '../support/stack.js';
import { openEmbeddedState } from './embedded-state.js';

@Global()
@Module({})
class Surroundings {
  static of(state: Database, health: HealthRegistry): DynamicModule {
    const provided = [
      { provide: LOG, useValue: createLog('silent') },
      { provide: METRICS, useValue: new Registry() },
      { provide: STATE_DATABASE, useValue: state },
      { provide: HealthRegistry, useValue: health },
      { provide: ComponentRegistry, useValue: new ComponentRegistry() },
    ];
    return { module: Surroundings, providers: provided, exports: provided.map(({ provide }) => provide) };
  }
}

describe('the effects without Consul and without a server of their own', () => {
  const health = new HealthRegistry();
  let state: Database;
  let close: () => Promise<void>;
  let app: INestApplicationContext;

  beforeAll(async () => {
    ({ state, close } = await openEmbeddedState());
    const resilience = { retryAttempts: 1, retryBaseMs: 1, retryMaxMs: 1, breakerFailures: 5, breakerResetMs: 1000 };
    const effects = RegistryEffectModule.register({
      registryId: 'reg',
      consul: null,
      databaseUrl: null,
      sharesStateDatabase: true,
      resilience,
    });
    app = await Test.createTestingModule({ imports: [Surroundings.of(state, health), effects] }).compile();
    await app.init();
  });
  afterAll(async () => {
    health.close();
    await app.close();
    await close();
  });

  it('make their tables in the state database, and are healthy', async () => {
    const { components } = await until(() => health.health().status === 'healthy' && health.health(), {
      what: 'healthy backends',
    });
    expect(components).toMatchObject({
      consul: {
        status: 'healthy',
        critical: false,
        message: 'embedded catalog',
        details: { embedded: true, breaker: 'closed' },
      },
      postgres: { status: 'healthy', critical: false, message: 'connected', details: { breaker: 'closed' } },
    });
    const { rows } = await state.pool.query<{ found: boolean }>(
      `select to_regclass('catalog_services') is not null and to_regclass('tool_registrations') is not null as found`,
    );
    expect(rows).toEqual([{ found: true }]);
    expect(state.connections.totalCount).toBe(1);
  });

  it('let both backends be looked at, which makes a table again that somebody has dropped', async () => {
    const { audits } = app.get(ComponentRegistry);
    expect(audits.map(({ backend }) => backend).sort()).toEqual(['consul', 'postgres']);
    expect(audits.map((audit) => audit.isServing())).toEqual([true, true]);
    await state.pool.query('DROP TABLE node_registrations CASCADE');
    for (const audit of audits) expect(await audit.marks()).toHaveLength(256);
    expect((await state.pool.query('SELECT * FROM tool_registrations')).rows).toEqual([]);
    expect(state.connections.totalCount).toBe(1);
  });
});
