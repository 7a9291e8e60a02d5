import { Module, type DynamicModule } from '@nestjs/common';
import { AccessModule, ApiModule, HealthModule } from './api/index.js';
import type { Config } from './config.js';
import { connectionsOf } from './config/connections.js';
import { OrchestratorModule } from './orchestrator/orchestrator.module.js';
import { ReducerModule } from './reducer/reducer.module.js';
import { RegistryEffectModule } from './registry-effect/registry-effect.module.js';
import { RuntimeModule, type Log, type Upkeep } from './runtime/index.js';

export type AppOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** Where the built console lies. */
  readonly consoleDirectory: string;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/** The composition root: the only place that knows all components. */
@Module({})
export class AppModule {
  static register({ config, log, version, consoleDirectory, onFatal }: AppOptions): DynamicModule {
    const { kafka, registryId, timings, deadlines, drift, embedded, roles, stateDatabaseUrl, registryDatabaseUrl } =
      config;
    const { tracing } = config;
    const connections = connectionsOf(config);
    // `only` has ended by now.
    const mode = config.migrate.mode === 'check' ? 'check' : 'auto';
    const upkeep: Upkeep = { mode, grantTo: config.migrate.grantTo, onFatal };
    return {
      module: AppModule,
      imports: [
        RuntimeModule.register(
          {
            registryId,
            kafkaBrokers: kafka.brokers,
            kafkaSecurity: connections.kafka,
            topicPrefix: kafka.topicPrefix,
            groupPrefix: kafka.groupPrefix,
            topicPartitions: kafka.partitions,
            databaseUrl: connections.stateDatabaseUrl,
            upkeep,
            dataDir: embedded.dataDir,
            logRetentionMs: embedded.logRetentionMs,
            groups: roles.filter((role) => role !== 'api' && role !== 'snapshots'),
            snapshots: roles.includes('snapshots'),
            api: roles.includes('api'),
            timings,
            signedEvents: config.signedEvents,
            deadlines,
            drift,
            tracing,
            version,
            onFatal,
          },
          log,
        ),
        OrchestratorModule,
        ReducerModule,
        RegistryEffectModule.register({
          registryId,
          consul: connections.consul,
          databaseUrl: connections.registryDatabaseUrl,
          upkeep,
          sharesStateDatabase: registryDatabaseUrl === stateDatabaseUrl,
          resilience: config.resilience,
        }),
        AccessModule.register(config.access),
        roles.includes('api')
          ? ApiModule.register({
              version,
              registryId,
              topicPrefix: kafka.topicPrefix,
              production: config.production,
              catalog: config.consul === null,
              consoleDirectory,
            })
          : HealthModule,
      ],
    };
  }
}
