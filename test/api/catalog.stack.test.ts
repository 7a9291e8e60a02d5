import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import Consul from 'consul';
import {
  createCatalogEffect,
  createConsulEffect,
  type ConsulEffect,
  type EffectRequest,
  type IntentOf,
} from '../../src/registry-effect/index.js';
import type { Database } from '../../src/runtime/index.js';
import { openCatalog } from '../registry-effect/catalog-tables.js';
import { at, deregister, names, register } from '../registry-effect/sample-intents.js';
import { addressOf, createDatabase, describeStack, uniqueName } from '../support/stack.js';
import { startApi, type TestApi } from './test-app.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Without what is each catalog's own count. */
function comparable(value: Json): Json {
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !/^(Create|Modify)Index$/.test(key));
  return Object.fromEntries(entries.map(([key, one]) => [key, comparable(one)]));
}

/** Where Consul leaves out what does not pass, it keeps no order. */
function inOrder(list: Json): Json {
  const text = JSON.stringify;
  return [...(list as Json[])].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

describeStack('the embedded catalog, read as Consul', ['postgres', 'consul'], () => {
  const registryId = uniqueName('catalog');
  const bare = { endpoints: {}, capabilityTags: [] };
  let api: TestApi;
  let state: Database;
  let embedded: ConsulEffect;
  let real: ConsulEffect;
  const cleanups: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const { url, drop } = await createDatabase();
    const tables = await openCatalog(url);
    state = tables.state;
    api = await startApi(state, { catalog: true });
    embedded = createCatalogEffect({ pool: state.connections, registryId });
    real = createConsulEffect({ address: addressOf('consul'), registryId });
    cleanups.push(
      () => api.close(),
      tables.close,
      drop,
      wipeConsul,
      () => real.close(),
    );
    await both('registerConsulServices', [
      at(register('n1')),
      at(register('Resizer', { health: 'passing', record: { capabilityTags: ['Größe', 'resize'] } })),
      at(register('bare', { record: bare })),
      at(register('v6', { health: 'passing', record: { endpoints: { health: 'https://[2001:db8::1]/h' } } })),
      at(register('other', { health: 'passing', record: { nodeType: 'compute' } })),
      at(register('gone')),
      ...names(30).map((id) => at(register(id))),
    ]);
    await both('registerConsulServices', [
      at(register('n1', { revision: 2, health: 'passing', onlyHealth: true })),
      at(register('bare', { revision: 2, record: { ...bare, nodeType: 'reducer' }, otherNodeTypes: ['effect'] })),
    ]);
    await both('deregisterConsulServices', [at(deregister('gone'))]);
  });
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  // Who was the last to wait may leave behind a look that is not over yet.
  afterEach(left);

  async function both<K extends 'registerConsulServices' | 'deregisterConsulServices'>(
    handler: K,
    requests: Parameters<ConsulEffect[K]['apply']>[0],
  ): Promise<void> {
    for (const effect of [embedded, real]) {
      const apply = effect[handler].apply as (some: typeof requests) => Promise<readonly { readonly ok: boolean }[]>;
      expect((await apply(requests)).every(({ ok }) => ok)).toBe(true);
    }
  }

  const put = (request: EffectRequest<IntentOf<'consul.register'>>) => embedded.registerConsulServices.apply([request]);

  async function wipeConsul(): Promise<void> {
    const nodes = await mine('/v1/catalog/nodes');
    const body = (nodes as { Node: string }[]).map(({ Node }) => ({ Node: { Verb: 'delete', Node: { Node } } }));
    for (let start = 0; start < body.length; start += 64) {
      const some = JSON.stringify(body.slice(start, start + 64));
      await fetch(`${addressOf('consul')}/v1/txn`, { method: 'PUT', body: some });
    }
  }

  /** From the real Consul, which others use at the same time: only what stands on our nodes. */
  async function mine(path: string): Promise<Json> {
    const answer = (await (await fetch(`${addressOf('consul')}${path}`)).json()) as Json[];
    return answer.filter((item) => JSON.stringify(item).includes(`"rollcall-owner":"${registryId}"`));
  }

  const ours = async (path: string): Promise<Json> => (await api.request(`/consul${path}`)).body as Json;
  const indexNow = async (): Promise<number> =>
    Number((await api.request('/consul/v1/catalog/services')).headers.get('x-consul-index'));

  it.each([
    '/v1/catalog/service/onex-effect',
    '/v1/catalog/service/ONEX-Effect',
    '/v1/catalog/service/onex-compute',
    '/v1/catalog/service/onex-effect?tag=cap:resize&tag=onex',
    '/v1/catalog/service/onex-effect?tag=CAP:GRÖSSE&tag=onex',
    '/v1/catalog/service/onex-effect?tag=cap:gr%C3%96%C3%9Fe',
    '/v1/catalog/service/onex-effect?tag=cap:nobody',
    '/v1/catalog/service/onex-effect?near=_agent',
    '/v1/catalog/service/nobody',
    '/v1/health/service/onex-effect',
    '/v1/health/service/onex-reducer',
    '/v1/health/service/onex-effect?passing',
    '/v1/health/service/onex-effect?passing=1&tag=cap:resize',
    '/v1/health/service/onex-effect?passing=false',
    '/v1/health/service/nobody?passing',
    '/v1/catalog/nodes',
  ])('gives what Consul gives: %s', async (path) => {
    const there = comparable(await mine(path));
    const here = comparable(await ours(path));
    expect(inOrder(here)).toEqual(inOrder(there));
    // The order of the keys, too: it is the same text.
    expect(JSON.stringify(inOrder(here))).toBe(JSON.stringify(inOrder(there)));
  });

  it('finds something to compare', async () => {
    expect(await ours('/v1/catalog/service/onex-effect')).toHaveLength(33);
    expect(await ours('/v1/health/service/onex-effect?passing')).toHaveLength(3);
    expect(await ours('/v1/catalog/service/onex-effect?tag=cap:gr%C3%96%C3%9Fe')).toHaveLength(1);
  });

  it('lists services with their tags', async () => {
    expect(await ours('/v1/catalog/services')).toEqual({
      'onex-compute': ['cap:formats', 'cap:resize', 'node_type:compute', 'onex'],
      'onex-effect': ['cap:Größe', 'cap:formats', 'cap:resize', 'node_type:effect', 'onex'],
      'onex-reducer': ['node_type:reducer', 'onex'],
    });
  });

  it.each([
    ['/v1/health/service/', 'Missing service name'],
    ['/v1/catalog/service/', 'Missing service name'],
    ['/v1/health/service/onex-effect?passing=maybe', 'Invalid value for ?passing'],
    ['/v1/health/service/onex-effect?index=abc', 'Invalid index'],
    ['/v1/health/service/onex-effect?index=-1', 'Invalid index'],
    ['/v1/catalog/services?wait=abc', 'Invalid wait time'],
    ['/v1/catalog/services?stale&consistent', 'Cannot specify ?stale with ?consistent, conflicting semantics.'],
  ])('refuses what Consul refuses, in its words: %s', async (path, text) => {
    const [there, here] = [await fetch(`${addressOf('consul')}${path}`), await api.request(`/consul${path}`)];
    expect([there.status, await there.text()]).toEqual([400, text]);
    expect([here.status, here.type, here.text]).toEqual([400, 'text/plain', text]);
  });

  it.each([
    '/v1/catalog/services?filter=a',
    '/v1/health/service/%00',
    '/v1/health/service/x?tag=%00',
    '/v1/catalog/service/x?dc=elsewhere',
    '/v1/health/service/x?node-meta=a:b',
    '/v1/health/service/%ff',
  ])('refuses %s', async (path) => {
    const { status } = await api.request(`/consul${path}`);
    expect(status).toBe(400);
  });

  it('has the headers of Consul, and a leader', async () => {
    const { headers, type } = await api.request('/consul/v1/catalog/service/onex-effect?pretty');
    expect(type).toBe('application/json');
    expect(headers.get('x-consul-index')).toMatch(/^[1-9]\d*$/);
    expect(headers.get('x-consul-knownleader')).toBe('true');
    expect(headers.get('x-consul-lastcontact')).toBe('0');
    expect(await ours('/v1/status/leader')).toBe(new URL(api.url).host);
  });

  it('holds a question until the catalog changes', async () => {
    const index = await indexNow();
    const answer = api.request(`/consul/v1/health/service/onex-orchestrator?index=${index}&wait=60s`);
    await waiting();
    await put(at(register('late', { record: { nodeType: 'orchestrator' } })));
    for (const follower of api.bus.followers) follower.decided(['late']);
    const { body, headers } = await answer;
    expect(body).toMatchObject([{ Service: { ID: 'onex-orchestrator-late' } }]);
    expect(Number(headers.get('x-consul-index'))).toBe(index + 1);
  });

  it('holds it no longer than wanted, and not at all for an index that is past', async () => {
    const index = await indexNow();
    const path = '/consul/v1/catalog/services';
    const late = await api.request(`${path}?index=${index}&wait=10ms`);
    const past = await api.request(`${path}?index=${index - 1}&wait=10m`);
    expect([late, past].map(({ headers }) => Number(headers.get('x-consul-index')))).toEqual([index, index]);
  });

  it('forgets who has hung up', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /consul/v1/catalog/services?index=${await indexNow()} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await waiting();
    const forgotten = left();
    socket.destroy();
    await once(socket, 'close');
    await forgotten;
  });

  it('serves the client that programs use for Consul', async () => {
    const consul = new Consul({ baseUrl: `${api.url}/consul/v1` } as ConstructorParameters<typeof Consul>[0]);
    const all: { Service: { ID: string } }[] = await consul.health.service({ service: 'onex-effect', passing: true });
    expect(all.map(({ Service }) => Service.ID)).toContain('onex-effect-n1');
    expect(await consul.catalog.service.list()).toHaveProperty('onex-effect');
    expect(await consul.status.leader()).toBe(new URL(api.url).host);
    consul.destroy();
  });

  it('is not there unless the catalog is embedded', async () => {
    const without = await startApi(state);
    expect((await without.request('/consul/v1/catalog/services')).status).toBe(404);
    await without.close();
  });

  it('says in plain text that its database is away', async () => {
    const away = {
      get pool(): never {
        throw new Error('no connection');
      },
    };
    const broken = await startApi(away, { catalog: true });
    const answers = await Promise.all(
      ['', '?index=1'].map((query) => broken.request(`/consul/v1/catalog/services${query}`)),
    );
    expect(answers.map(({ status, type }) => [status, type])).toEqual([
      [503, 'text/plain'],
      [503, 'text/plain'],
    ]);
    await broken.close();
  });

  /** Until somebody follows the log, which only those do who wait. */
  async function waiting(): Promise<void> {
    while (api.bus.followers.size === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async function left(): Promise<void> {
    while (api.bus.followers.size > 0) await new Promise((resolve) => setImmediate(resolve));
  }
});
