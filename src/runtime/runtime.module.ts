import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { TopicNames } from '../messages/index.js';
import { ComponentRegistry } from './component-registry.js';
import { HealthRegistry } from './health-registry.js';
import { stateMigrations } from './journal/migrations/index.js';
import { statePrivileges } from './journal/privileges.js';
import type { Log } from './log.js';
import { openStateDatabase } from './open-state-database.js';
import type { RuntimeOptions } from './options.js';
import { Runtime } from './runtime.js';
import { registerProcessMetrics } from './process-metrics.js';
import { BUS, DRIFT_BELL, EVENT_SOURCE, LOG, METRICS, RUNTIME_OPTIONS, STATE_DATABASE, TRACING } from './tokens.js';
import type { Tracing } from './tracing/tracing.js';

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
        { provide: METRICS, useFactory: () => createMetrics(options) },
        { provide: TRACING, useFactory: () => tracingOf(options, log) },
        {
          provide: STATE_DATABASE,
          useFactory: () =>
            openStateDatabase({ ...options, migrations: stateMigrations, privileges: statePrivileges }, log),
        },
        { provide: BUS, inject: [Runtime], useFactory: (runtime: Runtime) => runtime.bus },
        { provide: EVENT_SOURCE, inject: [Runtime], useFactory: (runtime: Runtime) => runtime.events },
        { provide: DRIFT_BELL, inject: [Runtime], useFactory: (runtime: Runtime) => runtime.driftBell },
        ComponentRegistry,
        HealthRegistry,
        Runtime,
      ],
      exports: [
        BUS,
        DRIFT_BELL,
        EVENT_SOURCE,
        LOG,
        METRICS,
        STATE_DATABASE,
        TRACING,
        ComponentRegistry,
        HealthRegistry,
        Runtime,
      ],
    };
  }
}

function createMetrics({ version, databaseUrl, dataDir }: RuntimeOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerProcessMetrics(registry, { version, dataDir: databaseUrl === null ? dataDir : null });
  return registry;
}

/** The SDK is loaded where it is wanted: it is some 200 files of what a process reads at its start. */
async function tracingOf(options: RuntimeOptions, log: Log): Promise<Tracing | null> {
  const { tracing, version, topicPrefix, kafkaBrokers } = options;
  if (tracing === null) return null;
  const { createTracing } = await import('./tracing/create-tracing.js');
  const names = new TopicNames(topicPrefix);
  const name = kafkaBrokers === null ? 'rollcall' : 'kafka';
  return createTracing(tracing, { version, messagingSystem: { name, topicName: (topic) => names.full(topic) } }, log);
}
