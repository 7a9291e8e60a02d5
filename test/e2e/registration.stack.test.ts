import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { replayProblems } from './journal.js';
import { build, fleet, Rollcall } from './rollcall.js';
import { doubleIds, groupBy, World, type Seen } from './world.js';

const NODES = 300;

/** The four messages of a registration that everybody can see. */
const COURSE = [
  'NODE_REGISTRATION_INITIATED',
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_ACK_RECEIVED',
  'NODE_BECAME_ACTIVE',
];

describeStack('a fleet registers', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let records: readonly Seen[];

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    rollcall = await Rollcall.start(world.environment);
    const { code, output } = await fleet(world.environment, '--nodes', String(NODES), '--verify', '--timeout', '120');
    if (code !== 0) throw new Error(`${output}\n${rollcall.tail()}`);
    // Active is what the workflow says; the backends hear of it a moment later.
    await until(
      async () =>
        (await world.rows(`select 1 from machine_states where status not in ('active', 'complete')`)).length === 0,
      { what: 'both backends to hold every revision' },
    );
    records = await world.read();
  });

  afterAll(async () => {
    await rollcall?.stop();
    await world?.close();
  });

  it('shows every node in the passing list of Consul, with its meta', async () => {
    const services = await world.consul<{ Service: { ID: string; Meta: Record<string, string>; Tags: string[] } }[]>(
      `/v1/health/service/onex-effect?passing&filter=${encodeURIComponent(`Service.Meta.owner == "${world.registryId}"`)}`,
    );
    expect(services).toHaveLength(NODES);
    for (const { Service } of services) {
      const { node_id: nodeId, node_version: version, revision, owner, ...others } = Service.Meta;
      expect(Service.ID).toBe(`onex-effect-${nodeId}`);
      expect({ version, owner, others }).toEqual({ version: expect.any(String), owner: world.registryId, others: {} });
      expect(Number(revision)).toBeGreaterThan(0);
      expect(Service.Tags).toEqual(expect.arrayContaining(['onex', 'node_type:effect']));
    }
  });

  it('holds every node once in node_registrations and in the view of tools', async () => {
    const rows = await world.rows<{ state: string; count: number }>(
      'select state, count(*)::int as count from node_registrations group by state',
    );
    expect(rows).toEqual([{ state: 'active', count: NODES }]);
    const [tools] = await world.rows(
      'select count(*)::int as count, count(distinct tool_id)::int as tools from tool_registrations',
    );
    expect(tools).toEqual({ count: NODES, tools: NODES });
  });

  it('publishes for every node the four messages in their order, with one correlation id and an unbroken chain of causes', () => {
    const byId = new Map(records.map((record) => [record.envelope.event_id, record]));
    const byNode = groupBy(
      records.filter(({ envelope }) => COURSE.includes(envelope.event_type)),
      ({ key }) => key,
    );
    expect(byNode.size).toBe(NODES);
    for (const [nodeId, seen] of byNode) {
      const course = [...seen].sort((a, b) => depth(a, byId) - depth(b, byId));
      // ACK_RECEIVED and BECAME_ACTIVE are two outputs of one step: same cause, same depth.
      expect(course.map(({ envelope }) => envelope.event_type)).toEqual(COURSE);
      const introspection = rootOf(course[3]!, byId);
      expect(introspection.envelope).toMatchObject({ event_type: 'NODE_INTROSPECTION', payload: { node_id: nodeId } });
      expect(new Set(course.map(({ envelope }) => envelope.correlation_id))).toEqual(
        new Set([introspection.envelope.correlation_id]),
      );
    }
  });

  it('publishes no message twice, and none under two ids', () => {
    const ids = records.map(({ topic, envelope }) => `${topic} ${envelope.event_id}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(doubleIds(records)).toEqual([]);
  });

  it('folds the journal from empty to machine_states, to the byte', async () => {
    const { nodes, entries, problems } = await replayProblems(world);
    expect(problems).toEqual([]);
    expect(nodes).toBe(2 * NODES);
    expect(entries).toBeGreaterThanOrEqual(9 * NODES);
  });

  it('shows the nodes by REST and GraphQL', async () => {
    const { status, body } = await rollcall.get('/v1/nodes?state=active&limit=1000');
    const { items, nextCursor } = body as {
      items: { nodeId: string; state: string; degraded: boolean }[];
      nextCursor: unknown;
    };
    expect({ status, nextCursor }).toEqual({ status: 200, nextCursor: null });
    expect(items).toHaveLength(NODES);
    expect(items.every((node) => node.state === 'active' && !node.degraded)).toBe(true);
    const nodeId = items[0]!.nodeId;
    const history = await rollcall.get(`/v1/nodes/${nodeId}/history`);
    const steps = (history.body as { items: { path: string }[] }).items.map(({ path }) => path);
    expect(steps).toContain('pending_registration > accepted > awaiting_ack');
    const answer = await fetch(`${rollcall.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ node(id: "${nodeId}") { nodeId state } nodes(first: 5) { totalCount } }` }),
    });
    expect(await answer.json()).toEqual({
      data: { node: { nodeId, state: 'active' }, nodes: { totalCount: NODES } },
    });
  });

  it('stops cleanly', async () => {
    expect(await rollcall.stop()).toBe(0);
  });
});

/** Steps back to the root of the chain of causes; throws where it is broken. */
function depth(record: Seen, byId: ReadonlyMap<string, Seen>): number {
  const { causation_id: cause, event_type: type } = record.envelope;
  if (cause === null) return 0;
  const causing = byId.get(cause);
  if (causing === undefined) throw new Error(`the cause of ${type} of ${record.key} is in no topic`);
  // Outputs of one step stand in the order of the step.
  return depth(causing, byId) + (type === 'NODE_BECAME_ACTIVE' ? 1.5 : 1);
}

function rootOf(record: Seen, byId: ReadonlyMap<string, Seen>): Seen {
  const { causation_id: cause } = record.envelope;
  const causing = cause === null ? undefined : byId.get(cause);
  return causing === undefined ? record : rootOf(causing, byId);
}
