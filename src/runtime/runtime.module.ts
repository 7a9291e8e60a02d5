import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ComponentRegistry } from './component-registry.js';
import { HealthRegistry } from './health-registry.js';
import { Database } from './journal/database.js';
import { stateMigrations } from './journal/migrations/index.js';
import type { Log } from './log.js';
import { Runtime, type RuntimeOptions } from './runtime.js';
import { LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE } from './tokens.js';

const STATE_CONNECTIONS = 8;

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
          useFactory: () =>
            new Database({
              name: 'state',
              url: options.databaseUrl,
              migrations: stateMigrations,
              connections: STATE_CONNECTIONS,
              log,
            }),
        },
        ComponentRegistry,
        HealthRegistry,
        Runtime,
      ],
      exports: [LOG, METRICS, STATE_DATABASE, ComponentRegistry, HealthRegistry, Runtime],
    };
  }
}

function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
