import { expect, it } from '@jest/globals';
import { until } from '../../support/stack.js';
import { fleet } from '../rollcall.js';
import { connection, get, graphql, pages, type HistoryItem, type NodeDocument } from './api.js';
import type { Registry } from './registry.js';

const SIZE = 50;
/** Of a fleet that is interrupted: enough seconds of registering to come between. */
const INTERRUPTED = { size: 80, perSecond: 20 };
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
    expect((await get(`${url}/health`)).body).toMatchObject({
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

/** Fleets whose registry goes away while they register. */
export function interruptedFleets(registry: () => Registry): void {
  it('ends with all of a fleet active, though it was killed while they registered', async () => {
    const ended = await whileRegistering(registry(), 'killed', () => registry().kill());
    expect(ended).toBe('interrupted');
    await hasAll(registry(), 'killed');
  });

  it('stops cleanly while a fleet registers, and ends with all of it active when it is back', async () => {
    const ended = await whileRegistering(registry(), 'stopped', async () => {
      const code = await registry().stop();
      if (code !== 0) throw new Error(`it stopped with exit code ${code}: ${registry().tail()}`);
    });
    expect(ended).toBe('interrupted');
    await hasAll(registry(), 'stopped');
  });

  it('has every node of every fleet after a clean stop and a start', async () => {
    const before = await pages<NodeDocument>(registry().url, '/v1/nodes', 1000);
    expect(await registry().stop()).toBe(0);
    await registry().start();
    expect(await pages<NodeDocument>(registry().url, '/v1/nodes', 1000)).toEqual(before);
    expect(await registry().passing()).toEqual(
      before.filter(({ state, nodeType }) => state === 'active' && nodeType === 'effect').map(({ nodeId }) => nodeId),
    );
  });
}

/** Does something to the registry as soon as some of a fleet are active, starts it again, and waits for the fleet's end. */
async function whileRegistering(registry: Registry, prefix: string, interrupt: () => Promise<void>): Promise<string> {
  const { size, perSecond } = INTERRUPTED;
  let state = 'interrupted';
  const registering = registers(registry, prefix, size, '--rate', String(perSecond)).finally(() => (state = 'over'));
  // It is told of where it is waited for.
  registering.catch(() => undefined);
  await until(async () => (await registry.nodes(prefix)).some((node) => node.state === 'active'), {
    timeoutMs: 30_000,
    what: 'the first active node',
  });
  await interrupt();
  const atInterruption = state;
  await registry.start();
  await registering;
  return atInterruption;
}

/** Resolves when all are active; rejects with the fleet's report otherwise. */
export async function registers(
  registry: Pick<Registry, 'url' | 'tail'>,
  prefix: string,
  size: number,
  ...more: string[]
) {
  const args = ['--nodes', String(size), '--prefix', prefix, '--verify', ...more];
  const { code, output } = await fleet({}, '--transport', 'http', '--url', registry.url, ...args);
  if (code !== 0) throw new Error(`${output}\n${registry.tail()}`);
}

async function hasAll(registry: Registry, prefix: string): Promise<void> {
  const ids = idsOf(prefix, INTERRUPTED.size);
  const nodes = await registry.nodes(prefix);
  expect(nodes.map(({ nodeId, state }) => `${nodeId} ${state}`)).toEqual(ids.map((nodeId) => `${nodeId} active`));
  await registry.untilPassing(prefix, ids);
}

export function idsOf(prefix: string, size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => `${prefix}-${String(index + 1).padStart(6, '0')}`);
}
