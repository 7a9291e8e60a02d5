import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/stack.js';
import { pages, type HistoryItem } from './both/api.js';
import { embeddedPlace } from './both/embedded-place.js';
import { Registry } from './both/registry.js';
import { build } from './rollcall.js';

jest.setTimeout(300_000);

describe('a registry that is a node of its own fleet', () => {
  let registry: Registry;
  let nodeId: string;

  beforeAll(async () => {
    await build();
    registry = await Registry.start(embeddedPlace, { SELF_REGISTRATION: 'true', SELF_URL: 'http://rollcall.example/' });
    nodeId = `${registry.place.registryId}-${hostname().toLowerCase()}-${new URL(registry.url).port}`;
  });
  afterAll(async () => {
    await registry?.clear();
  });

  async function isIn(state: string): Promise<void> {
    await until(async () => (await registry.node(nodeId)).state === state, {
      what: `${nodeId} to be ${state} (${registry.tail()})`,
    });
  }

  it('is found in it, with what it is and where', async () => {
    await isIn('active');
    expect(await registry.node(nodeId)).toMatchObject({
      nodeType: 'orchestrator',
      capabilities: { registry: true, operations: expect.arrayContaining(['api', 'reducer']) },
      endpoints: { api: 'http://rollcall.example', health: 'http://rollcall.example/health' },
    });
    expect(await registry.nodes('rollcall-')).toHaveLength(1);
  });

  it('says goodbye when it stops, and is the same node, anew, when it is started again', async () => {
    const { incarnation: before } = await registry.node(nodeId);
    expect(await registry.stop()).toBe(0);
    await registry.start();
    await until(async () => (await registry.node(nodeId))['incarnation'] !== before, {
      what: `another life of ${nodeId} (${registry.tail()})`,
    });
    await isIn('active');
    expect(Number((await registry.node(nodeId))['incarnation'])).toBeGreaterThan(Number(before));
    const history = await pages<HistoryItem>(registry.url, `/v1/nodes/${nodeId}/history`, 100);
    expect(history.filter(({ path }) => path === 'active > deregistering')).toHaveLength(1);
    expect(await registry.nodes('rollcall-')).toHaveLength(1);
  });

  it('is back after kill -9, too', async () => {
    const { incarnation: before } = await registry.node(nodeId);
    await registry.kill();
    await registry.start();
    await until(async () => Number((await registry.node(nodeId))['incarnation']) > Number(before), {
      what: `another life of ${nodeId}`,
    });
    await isIn('active');
  });
});
