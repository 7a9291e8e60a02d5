import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { ApiModule, configureHttp, createHttpAdapter } from '../../src/api/index.js';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import {
  BUS,
  ComponentRegistry,
  createLog,
  HealthRegistry,
  LOG,
  METRICS,
  STATE_DATABASE,
  type Bus,
  type Database,
  type Follower,
  type OutgoingRecord,
} from '../../src/runtime/index.js';

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
  static of(database: Pick<Database, 'pool'>, health: HealthRegistry, metrics: Registry, bus: TestBus): DynamicModule {
    const provided = [
      { provide: STATE_DATABASE, useValue: database },
      { provide: METRICS, useValue: metrics },
      { provide: LOG, useValue: createLog('silent') },
      { provide: HealthRegistry, useValue: health },
      { provide: BUS, useValue: bus },
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

export type TestApi = {
  readonly url: string;
  readonly health: HealthRegistry;
  readonly metrics: Registry;
  readonly bus: TestBus;
  readonly request: (path: string, init?: RequestInit) => Promise<Answer>;
  readonly graphql: (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

/** The api as main.ts sets it up, over a real socket; what the runtime would provide comes from the test. */
export async function startApi(
  database: Pick<Database, 'pool'>,
  { production = false, catalog = false, topicPrefix = 'dev.onex' } = {},
): Promise<TestApi> {
  const options = { version: '1.2.3', registryId: 'rollcall', topicPrefix, production, catalog };
  const health = new HealthRegistry();
  const metrics = new Registry();
  const bus = new TestBus();
  const module = await Test.createTestingModule({
    imports: [Surroundings.of(database, health, metrics, bus), ApiModule.register(options)],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createHttpAdapter(), { logger: false });
  configureHttp(app, options);
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
  return { url, health, metrics, bus, request, graphql, close };
}

export function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
