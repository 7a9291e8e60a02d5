import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import {
  ComponentRegistry,
  Database,
  HealthRegistry,
  loadContract,
  LOG,
  METRICS,
  STATE_DATABASE,
  type Log,
} from '../runtime/index.js';
import {
  consulHealth,
  createConsulEffect,
  createPostgresEffect,
  createToolRegistrationsView,
  postgresHealth,
  registryMigrations,
  type BreakerState,
  type ConsulEffect,
  type PostgresEffect,
  type ResilienceOptions,
} from './index.js';

export type RegistryEffectOptions = {
  readonly registryId: string;
  readonly consul: { readonly address: string; readonly token?: string | undefined };
  readonly databaseUrl: string;
  /** Whether that is the state database, too: then the view of tools shows its heartbeats. */
  readonly sharesStateDatabase: boolean;
  readonly resilience: Pick<
    ResilienceOptions,
    'retryAttempts' | 'retryBaseMs' | 'retryMaxMs' | 'breakerFailures' | 'breakerResetMs'
  >;
};

const OPTIONS = Symbol('RegistryEffectOptions');
const REGISTRY_CONNECTIONS = 4;
const STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];

/** Owns the connections to both backends, hands their handlers to the runtime, and tells of their health. */
@Injectable()
class Backends implements OnModuleInit, OnApplicationShutdown {
  private readonly database: Database;
  private readonly consul: ConsulEffect;
  private readonly postgres: PostgresEffect;
  private readonly breakers: Gauge<'backend'>;

  constructor(
    @Inject(OPTIONS) private readonly options: RegistryEffectOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(METRICS) metrics: Registry,
    @Inject(STATE_DATABASE) state: Database,
    private readonly components: ComponentRegistry,
    private readonly health: HealthRegistry,
  ) {
    this.breakers = new Gauge({
      name: 'rollcall_breaker_state',
      help: 'State of the breaker of a backend: 0 closed, 1 half open, 2 open',
      labelNames: ['backend'],
      registers: [metrics],
    });
    this.database = new Database({
      name: 'registry',
      url: options.databaseUrl,
      migrations: registryMigrations,
      prepare: (client) => createToolRegistrationsView(client),
      connections: REGISTRY_CONNECTIONS,
      ...(options.sharesStateDatabase ? { after: state.ready } : {}),
      log,
    });
    this.consul = createConsulEffect({
      ...options.consul,
      registryId: options.registryId,
      ...options.resilience,
      ...this.reports('consul'),
    });
    this.postgres = createPostgresEffect({
      pool: this.database.connections,
      ...options.resilience,
      ...this.reports('postgres'),
    });
  }

  onModuleInit(): void {
    this.components.registerEffect({
      contract: loadContract(new URL('./contract.yaml', import.meta.url)),
      handlers: [
        this.consul.registerConsulServices,
        this.consul.deregisterConsulServices,
        this.postgres.upsertRegistrations,
        this.postgres.deactivateRegistrations,
      ],
    });
    this.watch('consul', this.consul, () => consulHealth(this.options.consul));
    this.watch('postgres', this.postgres, () => postgresHealth({ pool: this.database.connections }));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.consul.close();
    await this.database.close();
  }

  private watch(
    name: 'consul' | 'postgres',
    effect: { breakerState(): BreakerState },
    ask: () => Promise<{ readonly ok: boolean; readonly message?: string }>,
  ): void {
    this.health.register({
      name,
      critical: false,
      check: async () => {
        const { ok, message, ...details } = await ask();
        const breaker = effect.breakerState();
        if (!ok) throw new Error(message ?? `${name} does not serve`);
        const closed = breaker === 'closed';
        return {
          status: closed ? 'healthy' : 'degraded',
          message: closed ? 'connected' : `answers, but its breaker is ${breaker}`,
          details: { ...details, breaker },
        };
      },
    });
  }

  private reports(backend: 'consul' | 'postgres'): Pick<ResilienceOptions, 'onBreakerChange' | 'onError'> {
    this.breakers.set({ backend }, 0);
    return {
      onBreakerChange: (state) => {
        this.breakers.set({ backend }, STATES.indexOf(state));
        this.log[state === 'open' ? 'error' : 'info']({ backend, state }, 'breaker changed');
      },
      onError: (code, message) => this.log.warn({ backend, code, error: message }, 'a try at the backend failed'),
    };
  }
}

@Module({})
export class RegistryEffectModule {
  static register(options: RegistryEffectOptions): DynamicModule {
    return { module: RegistryEffectModule, providers: [{ provide: OPTIONS, useValue: options }, Backends] };
  }
}
