import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RouteOptions } from 'fastify';
import { Registry } from 'prom-client';
import { AccessModule, ApiModule, configureHttp, createHttpAdapter, type AccessOptions } from '../../src/api/index.js';
import { accessOptions } from '../access/options.js';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import {
  BUS,
  ComponentRegistry,
  createLog,
  EVENT_SOURCE,
  HealthRegistry,
  LOG,
  METRICS,
  STATE_DATABASE,
  type Bus,
  type Database,
  type EventSource,
  type Follower,
  type Log,
  type OutgoingRecord,
  type Tracing,
} from '../../src/runtime/index.js';
import { MemoryLog } from '../support/memory-log.js';

/** A log that keeps what is published, and lets a test say what happened. Replace `publish` to see it fail. */
export class TestBus implements Bus {
  readonly published: OutgoingRecord[] = [];
  readonly followers = new Set<Follower>();

  publish(records: readonly OutgoingRecord[]): Promise<void> {
    this.published.push(...records);
    return Promise.resolve();
  }

  follow(follower: Follower): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }
}

@Global()
@Module({})
class Surroundings {
  static of(
    database: Pick<Database, 'pool'>,
    health: HealthRegistry,
    metrics: Registry,
    bus: TestBus,
    log: Log,
    events: EventSource,
  ): DynamicModule {
    const provided = [
      { provide: STATE_DATABASE, useValue: database },
      { provide: METRICS, useValue: metrics },
      { provide: LOG, useValue: log },
      { provide: HealthRegistry, useValue: health },
      { provide: BUS, useValue: bus },
      { provide: EVENT_SOURCE, useValue: events },
      { provide: ComponentRegistry, useFactory: components },
    ];
    return { module: Surroundings, providers: provided, exports: provided.map(({ provide }) => provide) };
  }
}

/** The orchestrator as its module hands it over: the api says what its rules mean. */
function components(): ComponentRegistry {
  const registry = new ComponentRegistry();
  registry.registerMachine(orchestratorComponent());
  return registry;
}

export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
};

export type Route = Pick<RouteOptions, 'method' | 'url' | 'config'>;

export type TestApi = {
  readonly url: string;
  readonly health: HealthRegistry;
  readonly metrics: Registry;
  readonly bus: TestBus;
  readonly events: MemoryLog;
  /** Routes that are served: method and path as Fastify has it, and who may use it. */
  readonly routes: readonly Route[];
  readonly request: (path: string, init?: RequestInit) => Promise<Answer>;
  readonly graphql: (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

type TestOptions = {
  readonly production: boolean;
  readonly catalog: boolean;
  readonly topicPrefix: string;
  readonly log: Log;
  readonly tracing: Tracing | null;
  readonly events: MemoryLog;
  readonly access: Partial<AccessOptions>;
  readonly consoleDirectory: string | null;
};

/** The api as main.ts sets it up, over a real socket; what the runtime would provide comes from the test. */
export async function startApi(
  database: Pick<Database, 'pool'>,
  {
    production = false,
    catalog = false,
    topicPrefix = 'dev.onex',
    log = createLog('silent'),
    tracing = null,
    events = new MemoryLog(),
    access = {},
    consoleDirectory = null,
  }: Partial<TestOptions> = {},
): Promise<TestApi> {
  const options = { version: '1.2.3', registryId: 'rollcall', topicPrefix, production, catalog, consoleDirectory };
  const health = new HealthRegistry();
  const metrics = new Registry();
  const bus = new TestBus();
  const module = await Test.createTestingModule({
    imports: [
      Surroundings.of(database, health, metrics, bus, log, events),
      AccessModule.register(accessOptions(access)),
      ApiModule.register(options),
    ],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createHttpAdapter(access.trustedProxies), {
    logger: false,
  });
  const routes: Route[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => void routes.push(route));
  configureHttp(app, { ...options, tracing });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();

  const request: TestApi['request'] = async (path, init) => {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const body: unknown = type.endsWith('json') ? JSON.parse(text) : text;
    return { status: response.status, type, headers: response.headers, text, body };
  };
  const graphql: TestApi['graphql'] = (query, variables) => request('/graphql', json({ query, variables }));
  const close = async (): Promise<void> => {
    health.close();
    await app.close();
  };
  return { url, health, metrics, bus, events, routes, request, graphql, close };
}

export function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
