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
  withAdvice,
  type DatabaseUrl,
  type Log,
  type Upkeep,
} from '../runtime/index.js';
import {
  catalogHealth,
  catalogMigrations,
  catalogPrivileges,
  consulHealth,
  createCatalogAudit,
  createCatalogEffect,
  createConsulAudit,
  createConsulEffect,
  createPostgresAudit,
  createPostgresEffect,
  createToolRegistrationsView,
  postgresHealth,
  registryMigrations,
  registryPrivileges,
  restoreRegistrations,
  type BreakerState,
  type ConsulAudit,
  type ConsulConnection,
  type ConsulEffect,
  type PostgresEffect,
  type Queryable,
  type ResilienceOptions,
} from './index.js';

export type RegistryEffectOptions = {
  readonly registryId: string;
  /** Null: the catalog that is embedded in the state database. */
  readonly consul: ConsulConnection | null;
  /** Null: the tables live in the state database, on its connections. */
  readonly databaseUrl: DatabaseUrl | null;
  /** Left out: this process makes the tables. */
  readonly upkeep?: Upkeep;
  /** Whether that is the state database, too: then the view of tools shows its heartbeats. */
  readonly sharesStateDatabase: boolean;
  readonly resilience: Pick<
    ResilienceOptions,
    'retryAttempts' | 'retryBaseMs' | 'retryMaxMs' | 'breakerFailures' | 'breakerResetMs'
  >;
};

const OPTIONS = Symbol('RegistryEffectOptions');
const REGISTRY_CONNECTIONS = 4;
/** With one connection for all, a wait for it says nothing about the backend: as long as the pool lets anybody wait. */
const SHARED_TURN_MS = 30_000;
const STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];

/** Owns the connections to both backends, hands their handlers to the runtime, and tells of their health. */
@Injectable()
class Backends implements OnModuleInit, OnApplicationShutdown {
  private readonly database: Database;
  /** Null with a real Consul. */
  private readonly catalog: Database | null;
  private readonly consul: ConsulEffect;
  /** Null with the embedded catalog. */
  private readonly consulAudit: ConsulAudit | null;
  private readonly postgres: PostgresEffect;
  private readonly breakers: Gauge<'backend'>;
  /** Why the last try at a backend failed: an open breaker is explained by it. */
  private readonly reasons = new Map<'consul' | 'postgres', string>();

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
    const { consul, registryId } = options;
    this.database = openRegistryDatabase(options, state, log);
    this.catalog = consul === null ? openCatalog(state, log) : null;
    const consulSettings = { registryId, ...options.resilience, ...this.reports('consul') };
    this.consul =
      consul === null
        ? createCatalogEffect({ pool: state.connections, ...consulSettings, ...patience(state) })
        : createConsulEffect({ ...consul, ...consulSettings });
    this.consulAudit =
      consul === null ? null : createConsulAudit({ ...consul, registryId, isServing: () => this.serves('consul') });
    this.postgres = createPostgresEffect({
      pool: this.database.connections,
      restoreTable: this.restoreTable,
      ...options.resilience,
      ...patience(this.database),
      ...this.reports('postgres'),
    });
  }

  onModuleInit(): void {
    this.components.registerEffect({
      contract: loadContract(new URL('./contract.yaml', import.meta.url)),
      handlers: [
        this.consul.registerConsulServices,
        this.consul.deregisterConsulServices,
        this.consul.removeConsulServices,
        this.postgres.upsertRegistrations,
        this.postgres.deactivateRegistrations,
      ],
    });
    this.registerAudits(this.options.registryId);
    this.watchConsul();
    this.watch('postgres', this.postgres, 'connected', async () => {
      const health = await postgresHealth({ pool: this.database.connections });
      if (health.ok && this.database.isReady) await this.database.ping();
      return health;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.consul.close();
    await this.consulAudit?.close();
    await this.catalog?.close();
    await this.database.close();
  }

  private registerAudits(registryId: string): void {
    const { catalog, database } = this;
    if (this.consulAudit !== null) this.components.registerAudit(this.consulAudit);
    else if (catalog !== null) {
      const isServing = (): boolean => catalog.isReady && this.serves('consul');
      const pool = catalog.connections;
      this.components.registerAudit(createCatalogAudit({ pool, registryId, isServing, ...patience(catalog) }));
    }
    const isServing = (): boolean => database.isReady && this.serves('postgres');
    const { restoreTable } = this;
    this.components.registerAudit(
      createPostgresAudit({ pool: database.connections, restoreTable, isServing, ...patience(database) }),
    );
  }

  /** Half open is enough: where there is nothing to write, a repair is what tries whether the backend is back. */
  private serves(backend: 'consul' | 'postgres'): boolean {
    return this[backend].breakerState() !== 'open';
  }

  /** Before the migrations nothing is lost, and they would stumble over what was made in their place. */
  private readonly restoreTable = async (connection: Queryable): Promise<void> => {
    if (!this.database.isReady) throw new Error('the migrations have not run yet');
    if (this.options.upkeep?.mode === 'check') throw new Error('MIGRATE=check makes no tables: run MIGRATE=only once');
    await restoreRegistrations(connection);
    this.log.warn({ database: 'registry' }, 'the table node_registrations was gone; it is there again, and empty');
  };

  private watchConsul(): void {
    const { consul } = this.options;
    const { catalog } = this;
    if (consul !== null) this.watch('consul', this.consul, 'connected', () => consulHealth(consul));
    else if (catalog !== null) {
      this.watch('consul', this.consul, 'embedded catalog', async () => ({
        embedded: true,
        ...(await catalogHealth({ pool: catalog.connections })),
      }));
    }
  }

  private watch(
    name: 'consul' | 'postgres',
    effect: { breakerState(): BreakerState },
    connected: string,
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
          message: closed ? connected : this.explained(name, `answers, but its breaker is ${breaker}`),
          details: { ...details, breaker },
        };
      },
    });
  }

  private explained(backend: 'consul' | 'postgres', message: string): string {
    const reason = this.reasons.get(backend);
    return reason === undefined ? message : withAdvice(backend, `${message}: ${reason}`);
  }

  private reports(backend: 'consul' | 'postgres'): Pick<ResilienceOptions, 'onBreakerChange' | 'onError'> {
    this.breakers.set({ backend }, 0);
    return {
      onBreakerChange: (state) => {
        this.breakers.set({ backend }, STATES.indexOf(state));
        if (state === 'closed') this.reasons.delete(backend);
        this.log[state === 'open' ? 'error' : 'info']({ backend, state }, 'breaker changed');
      },
      onError: (code, message) => {
        this.reasons.set(backend, message);
        this.log.warn({ backend, code, error: withAdvice(backend, message) }, 'a try at the backend failed');
      },
    };
  }
}

/** A real server's gets connections of its own, also where it is the state database's; an embedded one has none to give. */
export function openRegistryDatabase(
  {
    databaseUrl,
    sharesStateDatabase,
    upkeep,
  }: Pick<RegistryEffectOptions, 'databaseUrl' | 'sharesStateDatabase' | 'upkeep'>,
  state: Database,
  log: Log,
): Database {
  const shared = {
    name: 'registry',
    migrations: registryMigrations,
    privileges: registryPrivileges,
    prepare: async (client: Queryable) => {
      // TypeORM knows that the migrations have run, not that somebody has dropped the table since.
      await restoreRegistrations(client);
      await createToolRegistrationsView(client);
    },
    log,
  };
  if (databaseUrl === null) return new Database({ ...shared, shares: state });
  return new Database({
    ...shared,
    url: databaseUrl,
    connections: REGISTRY_CONNECTIONS,
    ...(upkeep !== undefined && { upkeep }),
    ...(sharesStateDatabase ? { after: state.ready } : {}),
  });
}

/** The tables of the embedded catalog, in the state database. */
export function openCatalog(state: Database, log: Log): Database {
  return new Database({
    name: 'catalog',
    shares: state,
    migrations: catalogMigrations,
    privileges: catalogPrivileges,
    log,
  });
}

function patience({ exclusive }: Database): Pick<ResilienceOptions, 'requestTimeoutMs'> {
  return exclusive ? { requestTimeoutMs: SHARED_TURN_MS } : {};
}

@Module({})
export class RegistryEffectModule {
  static register(options: RegistryEffectOptions): DynamicModule {
    return { module: RegistryEffectModule, providers: [{ provide: OPTIONS, useValue: options }, Backends] };
  }
}
