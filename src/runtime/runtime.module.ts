import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ComponentRegistry } from './component-registry.js';
import { HealthRegistry } from './health-registry.js';
import { stateMigrations } from './journal/migrations/index.js';
import type { Log } from './log.js';
import { openStateDatabase } from './open-state-database.js';
import type { RuntimeOptions } from './options.js';
import { Runtime } from './runtime.js';
import { BUS, DRIFT_BELL, LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE } from './tokens.js';

/** What every module shares: log, metrics, health, the state database, and the place where components are handed over. */
@Global()
@Module({})
export class RuntimeModule {
  static register(options: RuntimeOptions, log: Log): DynamicModule {
    return {
      module: RuntimeModule,
      providers: [
        { provide: RUNTIME_OPTIONS, useValue: options },
        { provide: LOG, useValue: log },
        { provide: METRICS, useFactory: createMetrics },
        {
          provide: STATE_DATABASE,
          useFactory: () => openStateDatabase({ ...options, migrations: stateMigrations }, log),
        },
        { provide: BUS, inject: [Runtime], useFactory: (runtime: Runtime) => runtime.bus },
        { provide: DRIFT_BELL, inject: [Runtime], useFactory: (runtime: Runtime) => runtime.driftBell },
        ComponentRegistry,
        HealthRegistry,
        Runtime,
      ],
      exports: [BUS, DRIFT_BELL, LOG, METRICS, STATE_DATABASE, ComponentRegistry, HealthRegistry, Runtime],
    };
  }
}

function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
