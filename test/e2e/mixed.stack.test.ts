import { afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { deregister, get } from './both/api.js';
import { idsOf, registers } from './both/fleets.js';
import { mixedPlace, type ServerVariable } from './both/mixed-place.js';
import { Registry } from './both/registry.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { build } from './rollcall.js';

const SIZE = 20;

type Health = {
  readonly status: string;
  readonly components: Record<string, { readonly details: { embedded?: boolean } }>;
};

/** Which part is a server, and what of the health document then is embedded. */
const ALONE: readonly { readonly real: ServerVariable; readonly embedded: readonly string[] }[] = [
  { real: 'DATABASE_URL', embedded: ['kafka', 'consul'] },
  { real: 'KAFKA_BROKERS', embedded: ['consul'] },
  { real: 'CONSUL_HTTP_ADDR', embedded: ['kafka'] },
  { real: 'REGISTRY_DATABASE_URL', embedded: ['kafka', 'consul'] },
];

describeStack('one real server among embedded parts', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let registry: Registry | undefined;

  beforeAll(build);

  afterEach(async () => {
    await registry?.clear();
    registry = undefined;
  });

  it.each(ALONE)('$real', async ({ real, embedded }) => {
    registry = await Registry.start((overrides) => mixedPlace([real], overrides), LONG_TIMES);
    const { components } = await healthy(registry.url);
    const claims = Object.entries(components).filter(([, { details }]) => details.embedded === true);
    expect(claims.map(([name]) => name)).toEqual(embedded);

    const ids = idsOf('mixed', SIZE);
    await registers(registry, 'mixed', SIZE);
    await registry.untilPassing('mixed', ids);

    await registry.kill();
    await registry.start();
    expect((await registry.nodes('mixed')).map(({ nodeId, state }) => `${nodeId} ${state}`)).toEqual(
      ids.map((nodeId) => `${nodeId} active`),
    );
    const [gone = '', ...rest] = ids;
    expect((await deregister(registry.url, gone)).body).toMatchObject({ status: 'success', state: 'deregistered' });
    await registry.untilPassing('mixed', rest);
    expect(await registry.stop()).toBe(0);
    expect((await registry.place.fold()).problems).toEqual([]);
  });
});

/** It is ready as soon as the critical components are there; the backends may come a moment later. */
function healthy(url: string): Promise<Health> {
  return until(
    async () => {
      const { body } = await get<Health>(`${url}/health`);
      return body.status === 'healthy' && body;
    },
    { what: 'health' },
  );
}
