import { Module, type DynamicModule } from '@nestjs/common';
import { ApiModule, HealthModule } from './api/index.js';
import type { Config } from './config.js';
import { OrchestratorModule } from './orchestrator/orchestrator.module.js';
import { ReducerModule } from './reducer/reducer.module.js';
import { RegistryEffectModule } from './registry-effect/registry-effect.module.js';
import { RuntimeModule, type Log } from './runtime/index.js';

export type AppOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/** The composition root: the only place that knows all components. */
@Module({})
export class AppModule {
  static register({ config, log, version, onFatal }: AppOptions): DynamicModule {
    const { kafka, registryId, timings, deadlines, drift, embedded, roles, stateDatabaseUrl, registryDatabaseUrl } =
      config;
    return {
      module: AppModule,
      imports: [
        RuntimeModule.register(
          {
            registryId,
            kafkaBrokers: kafka.brokers,
            topicPrefix: kafka.topicPrefix,
            groupPrefix: kafka.groupPrefix,
            topicPartitions: kafka.partitions,
            databaseUrl: stateDatabaseUrl,
            dataDir: embedded.dataDir,
            logRetentionMs: embedded.logRetentionMs,
            groups: roles.filter((role) => role !== 'api'),
            api: roles.includes('api'),
            timings,
            deadlines,
            drift,
            onFatal,
          },
          log,
        ),
        OrchestratorModule,
        ReducerModule,
        RegistryEffectModule.register({
          registryId,
          consul: config.consul,
          databaseUrl: registryDatabaseUrl,
          sharesStateDatabase: registryDatabaseUrl === stateDatabaseUrl,
          resilience: config.resilience,
        }),
        roles.includes('api')
          ? ApiModule.register({
              version,
              registryId,
              topicPrefix: kafka.topicPrefix,
              production: config.production,
              catalog: config.consul === null,
            })
          : HealthModule,
      ],
    };
  }
}
