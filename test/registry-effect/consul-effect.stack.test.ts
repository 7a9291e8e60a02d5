import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import Consul from 'consul';
import { consulHealth, createConsulEffect, type ConsulEffect } from '../../src/registry-effect/index.js';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';
import { addressOf, describeStack, uniqueName } from '../support/stack.js';
import { at, deregister, names, register, removal } from './sample-intents.js';

type CatalogService = {
  readonly Node: string;
  readonly Address: string;
  readonly NodeMeta: Record<string, string>;
  readonly ServiceID: string;
  readonly ServiceTags: readonly string[];
  readonly ServiceMeta: Record<string, string>;
  readonly ServiceAddress: string;
  readonly ServicePort: number;
  readonly ModifyIndex: number;
};
type Check = { readonly CheckID: string; readonly Status: string; readonly Output: string; readonly ServiceID: string };

describeStack('the Consul effect', ['consul'], () => {
  let registryId: string;
  let effect: ConsulEffect;
  let consul: Consul;

  beforeAll(() => {
    const { hostname, port } = new URL(addressOf('consul'));
    consul = new Consul({ host: hostname, port: Number(port), defaults: { consistent: true } });
  });
  beforeEach(() => {
    registryId = uniqueName('effect');
    effect = createConsulEffect({ address: addressOf('consul'), registryId, requestTimeoutMs: 60_000 });
  });
  afterEach(async () => {
    await effect.close();
    await wipe();
  });
  afterAll(() => consul.destroy());

  const nodeOf = (nodeId: string): string => consulNames(registryId, nodeId).node;

  /** Our instances of a service, by the node id in their meta. */
  async function services(name = 'onex-effect'): Promise<Map<string, CatalogService>> {
    const mine: CatalogService[] = await consul.catalog.service.nodes({
      service: name,
      filter: `ServiceMeta.owner == "${registryId}"`,
    });
    return new Map(mine.map((one) => [one.ServiceMeta['node_id']!, one]));
  }

  async function checks(nodeId: string): Promise<Check[]> {
    const all: Check[] = await consul.health.node(nodeOf(nodeId));
    return all.filter(({ ServiceID }) => ServiceID.endsWith(`-${nodeId}`));
  }

  /** As somebody with the HTTP API would: all synthetic nodes of this test, with all that is on them. */
  async function wipe(): Promise<void> {
    const mine: { Node: string }[] = await consul.catalog.node.list({
      filter: `Meta["rollcall-owner"] == "${registryId}"`,
    });
    for (let start = 0; start < mine.length; start += 64) {
      const body = mine.slice(start, start + 64).map(({ Node }) => ({ Node: { Verb: 'delete', Node: { Node } } }));
      await fetch(`${addressOf('consul')}/v1/txn`, { method: 'PUT', body: JSON.stringify(body) });
    }
  }

  const apply = {
    register: (...intents: readonly ReturnType<typeof register>[]) =>
      effect.registerConsulServices.apply(intents.map((intent) => at(intent))),
    deregister: (...intents: readonly ReturnType<typeof deregister>[]) =>
      effect.deregisterConsulServices.apply(intents.map((intent) => at(intent))),
  };

  it('makes synthetic nodes and services as the design has them', async () => {
    expect(await apply.register(register('n1', { revision: 3 }))).toEqual([{ ok: true }]);
    expect((await services()).get('n1')).toMatchObject({
      Node: nodeOf('n1'),
      ID: '',
      Address: '192.0.2.1',
      NodeMeta: { 'external-node': 'true', 'external-probe': 'false', 'rollcall-owner': registryId },
      ServiceID: 'onex-effect-n1',
      ServiceTags: ['onex', 'node_type:effect', 'cap:resize', 'cap:formats'],
      ServiceMeta: { node_id: 'n1', node_version: '1.2.3', revision: '3', owner: registryId },
      ServiceAddress: '10.1.2.3',
      ServicePort: 8080,
    });
    expect(await checks('n1')).toMatchObject([
      { CheckID: 'rollcall:onex-effect-n1', Status: 'critical', Output: 'awaiting acknowledgement' },
    ]);
  });

  it('registers hundreds on an empty Consul', async () => {
    const ids = names(500);
    expect(await apply.register(...ids.map((id) => register(id)))).toEqual(ids.map(() => ({ ok: true })));
    expect([...(await services()).keys()].sort()).toEqual(ids);
  });

  it('begins again on a Consul that was wiped meanwhile', async () => {
    const ids = names(100);
    await apply.register(...ids.map((id) => register(id)));
    await wipe();
    expect(await services()).toEqual(new Map());
    await apply.register(...ids.map((id) => register(id, { revision: 2, health: 'passing', onlyHealth: true })));
    const found = await services();
    expect([...found.keys()].sort()).toEqual(ids);
    expect(found.get('node-0042')?.ServiceMeta['revision']).toBe('2');
  });

  it('writes the check alone when only health changed', async () => {
    await apply.register(register('n1'));
    const before = (await services()).get('n1');
    await apply.register(register('n1', { revision: 2, health: 'passing', onlyHealth: true }));
    expect(await checks('n1')).toMatchObject([{ Status: 'passing', Output: '' }]);
    expect((await services()).get('n1')).toEqual(before);
  });

  it('writes a missing service whole although only health changed, among others that are there', async () => {
    const ids = names(70);
    await apply.register(...ids.map((id) => register(id)));
    await apply.deregister(...['node-0005', 'node-0066'].map((id) => deregister(id)));
    const outcomes = await apply.register(...ids.map((id) => register(id, { health: 'passing', onlyHealth: true })));
    expect(outcomes).toEqual(ids.map(() => ({ ok: true })));
    expect([...(await services()).keys()].sort()).toEqual(ids);
    expect(await checks('node-0005')).toMatchObject([{ Status: 'passing' }]);
  });

  it('goes back to critical when a process starts again', async () => {
    await apply.register(register('n1', { health: 'passing' }));
    await apply.register(register('n1', { revision: 2 }));
    expect(await checks('n1')).toMatchObject([{ Status: 'critical' }]);
  });

  it('keeps ids apart that differ by case only', async () => {
    const ids = ['resizer', 'Resizer', 'RESIZER'];
    await apply.register(...ids.map((id) => register(id)));
    expect([...(await services()).keys()].sort()).toEqual([...ids].sort());
    await apply.deregister(deregister('RESIZER'));
    expect([...(await services()).keys()].sort()).toEqual(['Resizer', 'resizer']);
  });

  it('moves a node of another type: never two services, whatever was there', async () => {
    await apply.register(register('n1'));
    await apply.register(register('n1', { record: { nodeType: 'compute' }, otherNodeTypes: ['effect', 'reducer'] }));
    expect([...(await services('onex-compute')).keys()]).toEqual(['n1']);
    expect(await services('onex-effect')).toEqual(new Map());
    expect(await checks('n1')).toHaveLength(1);
  });

  it('deregisters a service with its check, twice as well as once, and one that never was', async () => {
    await apply.register(register('n1'), register('n2'));
    const gone = [deregister('n1', ['effect', 'compute']), deregister('never-was'), deregister('n3', [])];
    expect(await apply.deregister(...gone)).toEqual(gone.map(() => ({ ok: true })));
    expect(await apply.deregister(...gone)).toEqual(gone.map(() => ({ ok: true })));
    expect([...(await services()).keys()]).toEqual(['n2']);
    expect(await checks('n1')).toEqual([]);
  });

  it('fails the culprits alone, in a batch of hundreds', async () => {
    const bad = new Set(['node-0007', 'node-0008', 'node-0333']);
    const outcomes = await apply.register(
      ...names(400).map((id) => register(id, { record: { nodeVersion: bad.has(id) ? 'x'.repeat(600) : '1.0.0' } })),
    );
    const failed = names(400).filter((_, index) => !outcomes[index]!.ok);
    expect(failed).toEqual([...bad]);
    expect(outcomes[7]).toMatchObject({
      errorCode: 'CONSUL_VALIDATION_ERROR',
      errorMessage: expect.stringContaining('Value is too long'),
    });
    expect((await services()).size).toBe(397);
  });

  it.each([
    ['with a version that is too long', { nodeVersion: 'x'.repeat(600) }],
    [
      'that is larger than it takes',
      { capabilityTags: Array.from({ length: 6_000 }, (_, n) => `${n}`.padEnd(90, 'x')) },
    ],
  ])('tells of the health of a node whose new record Consul refuses: one %s', async (_, described) => {
    await apply.register(register('n1'));
    const before = (await services()).get('n1');
    const refused = register('n1', { revision: 3, health: 'passing', record: described });
    expect(await apply.register(refused, register('n2'))).toMatchObject([
      { ok: false, errorCode: 'CONSUL_VALIDATION_ERROR' },
      { ok: true },
    ]);
    expect(await checks('n1')).toMatchObject([{ Status: 'passing', Output: '' }]);
    expect((await services()).get('n1')).toEqual(before);
  });

  it('fails a node whose first record Consul refuses, and leaves nothing of it', async () => {
    const [outcome] = await apply.register(register('n1', { record: { nodeVersion: 'x'.repeat(600) } }));
    expect(outcome).toMatchObject({ ok: false, errorMessage: expect.stringContaining('Value is too long') });
    expect(await services()).toEqual(new Map());
    expect(await checks('n1')).toEqual([]);
  });

  it('removes the very entry that it is told of, and is content when it is gone', async () => {
    await apply.register(register('n1'), register('n2'));
    await apply.register(register('n1', { record: { nodeType: 'compute' } }));
    const ghost = { consulNode: nodeOf('n1'), serviceId: 'onex-compute-n1', serviceName: 'onex-compute' };
    const nowhere = { ...ghost, consulNode: `${registryId}-nowhere` };
    for (let time = 0; time < 2; time++) {
      const removals = [removal('n1', ghost), removal('n3', nowhere)].map((one) => at(one));
      expect(await effect.removeConsulServices.apply(removals)).toEqual([{ ok: true }, { ok: true }]);
    }
    expect(await services('onex-compute')).toEqual(new Map());
    expect([...(await services()).keys()].sort()).toEqual(['n1', 'n2']);
    expect(await checks('n1')).toMatchObject([{ CheckID: 'rollcall:onex-effect-n1' }]);
  });

  it('fails a registration that is larger than Consul takes, alone', async () => {
    const capabilityTags = Array.from({ length: 6_000 }, (_, index) => `${index}`.padEnd(90, 'x'));
    const outcomes = await apply.register(
      register('n1'),
      register('huge', { record: { capabilityTags } }),
      register('n2'),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({ errorCode: 'CONSUL_VALIDATION_ERROR' });
  });

  it('changes nothing when an intent is repeated', async () => {
    const intents = names(40).map((id) => register(id));
    await apply.register(...intents);
    const before = await services();
    await apply.register(...intents);
    expect(await services()).toEqual(before);
  });

  it('serves several batches at once', async () => {
    const batches = ['a', 'b', 'c', 'd'].map((prefix) => names(200, prefix));
    await Promise.all(batches.map((ids) => apply.register(...ids.map((id) => register(id)))));
    expect((await services()).size).toBe(800);
  });

  it('is healthy, with leader and version', async () => {
    expect(await consulHealth({ address: addressOf('consul'), timeoutMs: 60_000 })).toMatchObject({
      ok: true,
      leader: expect.stringMatching(/:\d+$/),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});
