import { expect, it } from '@jest/globals';
import { until } from '../../support/stack.js';
import { fleet } from '../rollcall.js';
import { connection, get, graphql, pages, type HistoryItem, type NodeDocument } from './api.js';
import type { Registry } from './registry.js';

const SIZE = 50;
const COURSE = [
  'NODE_INTROSPECTION: pending_registration',
  'REGISTRATION_COMPLETED: awaiting_ack',
  'NODE_REGISTRATION_ACKED: active',
];

type Metrics = {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  readonly consulRegistrations: number;
  readonly postgresRegistrations: number;
  readonly registeredNodes: { readonly count: number; readonly names: readonly string[] };
};
type Stats = {
  readonly total: number;
  readonly degraded: number;
  readonly byState: readonly { readonly state: string; readonly count: number }[];
  readonly byType: readonly { readonly nodeType: string; readonly count: number }[];
};

/** The first fleet of an empty registry, and everything that tells of it. */
export function calmFleet(registry: () => Registry): void {
  const ids = idsOf('calm', SIZE);

  it(`registers a fleet of ${SIZE}, each node told what it has to be told`, async () => {
    await registers(registry(), 'calm', SIZE);
  });

  it('has them in the passing list, for whoever reads Consul', async () => {
    await registry().untilPassing('', ids);
  });

  it('pages through them, by REST and by GraphQL alike', async () => {
    const { url } = registry();
    const nodes = await pages<NodeDocument>(url, '/v1/nodes', 7);
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(ids);
    expect(nodes.filter(({ state }) => state !== 'active')).toEqual([]);
    const query = `query ($first: Int, $after: String) {
      page: nodes(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { nodeId state revision attemptId } } } }`;
    const inGraph = await connection<NodeDocument>(url, query, 9);
    expect(inGraph).toEqual(
      nodes.map(({ nodeId, state, revision, attemptId }) => ({ nodeId, state, revision, attemptId })),
    );
  });

  it('counts them, by REST and by GraphQL alike', async () => {
    const { url } = registry();
    const { body } = await get<Metrics>(`${url}/v1/metrics/registrations`);
    expect(body).toEqual({
      total: SIZE,
      successful: SIZE,
      failed: 0,
      consulRegistrations: SIZE,
      postgresRegistrations: SIZE,
      registeredNodes: { count: SIZE, names: ids },
    });
    const { registryStats } = await graphql<{ registryStats: Stats }>(
      url,
      '{ registryStats { total degraded byState { state count } byType { nodeType count } } }',
    );
    expect({ total: registryStats.total, degraded: registryStats.degraded }).toEqual({ total: SIZE, degraded: 0 });
    expect(registryStats.byState.filter(({ count }) => count > 0)).toEqual([{ state: 'active', count: SIZE }]);
    expect(registryStats.byType.filter(({ count }) => count > 0)).toEqual([{ nodeType: 'effect', count: SIZE }]);
  });

  it('knows how each came there, by REST and by GraphQL alike', async () => {
    const { url } = registry();
    const [nodeId = ''] = ids;
    const steps = await pages<HistoryItem>(url, `/v1/nodes/${nodeId}/history`, 2);
    // Besides, a node may have been asked by the registry that has just begun, and have said it once more.
    const changes = steps.filter(({ fromStatus, toStatus }) => fromStatus !== toStatus);
    expect(changes.map(({ eventType, toStatus }) => `${eventType}: ${toStatus}`)).toEqual(COURSE);
    const query = `query ($first: Int, $after: String) {
      page: nodeHistory(id: "${nodeId}", first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { eventId eventType path toStatus } } } }`;
    const inGraph = await connection<HistoryItem>(url, query, 3);
    expect(inGraph).toEqual(
      steps.map(({ eventId, eventType, path, toStatus }) => ({ eventId, eventType, path, toStatus })),
    );
  });

  it('is healthy, and says so to Prometheus', async () => {
    const { url } = registry();
    const health = await until(
      async () => {
        const { body } = await get<{ status: string }>(`${url}/health`);
        return body.status === 'healthy' && body;
      },
      { what: 'health' },
    );
    expect(health).toMatchObject({
      status: 'healthy',
      components: {
        kafka: { status: 'healthy', critical: true },
        state: { status: 'healthy', critical: true },
        consul: { status: 'healthy', critical: false },
        postgres: { status: 'healthy', critical: false },
      },
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^rollcall_\w+/m);
  });
}

/** Resolves when all are active; rejects with the fleet's report otherwise. */
export async function registers(
  registry: Pick<Registry, 'url' | 'tail'>,
  prefix: string,
  size: number,
  ...more: string[]
) {
  const args = ['--nodes', String(size), '--prefix', prefix, '--verify', '--timeout', '120', ...more];
  const { code, output } = await fleet({}, '--transport', 'http', '--url', registry.url, ...args);
  if (code !== 0) throw new Error(`${output}\n${registry.tail()}`);
}

export function idsOf(prefix: string, size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => `${prefix}-${String(index + 1).padStart(6, '0')}`);
}
