import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { TcpProxy } from '../registry-effect/tcp-proxy.js';
import { addressOf, createDatabase, describeStack, until, type TestDatabase } from '../support/stack.js';
import { Ear } from './ear.js';
import { inConsul } from './held.js';
import { replayProblems } from './journal.js';
import { proxyTo, through } from './proxies.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { groupBy, World } from './world.js';

const NODES = 40;
const DEGRADED_AFTER_MS = 1500;

describeStack('a fleet registers while a backend is away', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let ear: Ear;
  let consul: TcpProxy;
  let registry: TcpProxy;
  let registryDatabase: TestDatabase;
  let registrations: pg.Pool;
  const fleets: TalkingFleet[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create();
    registryDatabase = await createDatabase();
    registrations = new pg.Pool({ connectionString: registryDatabase.url, max: 1 });
    consul = await proxyTo(addressOf('consul'));
    registry = await proxyTo(registryDatabase.url);
    rollcall = await Rollcall.start({
      ...world.environment,
      CONSUL_HTTP_ADDR: through(addressOf('consul'), consul),
      REGISTRY_DATABASE_URL: through(registryDatabase.url, registry),
      DEGRADED_ACCEPT_AFTER_MS: String(DEGRADED_AFTER_MS),
      DEADLINE_SCAN_INTERVAL_MS: '100',
      BREAKER_FAILURES: '2',
      BREAKER_RESET_MS: '500',
      RETRY_BASE_MS: '20',
    });
    ear = await Ear.open(world);
  });

  afterAll(async () => {
    await Promise.all(fleets.map((fleet) => fleet.close()));
    await rollcall?.stop();
    await ear?.close();
    await Promise.all([consul, registry].map((proxy) => proxy?.close()));
    await registrations?.end();
    await registryDatabase?.drop();
    await world?.close();
  });

  const COURSE = [
    'pending_registration',
    'pending_registration',
    'pending_registration > accepted > awaiting_ack',
    'awaiting_ack > ack_received > active',
    'active',
  ];

  it.each(['consul', 'postgres'] as const)(
    'accepted without %s, active, and whole when it is back',
    async (missing) => {
      const proxy = missing === 'consul' ? consul : registry;
      proxy.cut();
      const fleet = newFleet(`without-${missing}`);
      await fleet.introduce();
      await fleet.active();
      for (const nodeId of fleet.nodeIds) {
        const accepted = await ear.until(nodeId, 'NODE_REGISTRATION_ACCEPTED');
        expect(accepted.envelope.payload).toMatchObject({
          consul_registered: missing !== 'consul',
          postgres_registered: missing !== 'postgres',
        });
        // The marker stands in the topic of what it waited for.
        const marker = await ear.until(nodeId, 'DEADLINE_PASSED');
        expect(marker).toMatchObject({
          topic: 'evt.registration-progress.v1',
          envelope: { event_id: accepted.envelope.causation_id, payload: { kind: 'degraded' } },
        });
        expect(accepted.appendedAt).toBeGreaterThanOrEqual((await confirmedAt(nodeId)) + DEGRADED_AFTER_MS);
      }
      expect(await degraded()).toEqual([...fleet.nodeIds].sort());
      // An outage is no answer: no effect tells of it, and nobody has converged.
      expect(ear.all('REGISTRY_EFFECT_FAILED')).toEqual([]);
      expect(fleet.nodeIds.flatMap((nodeId) => ear.of(nodeId, 'NODE_REGISTRATION_CONVERGED'))).toEqual([]);
      proxy.restore();
      await Promise.all(fleet.nodeIds.map((nodeId) => ear.until(nodeId, 'NODE_REGISTRATION_CONVERGED')));
      expect(await degraded()).toEqual([]);
      await isWhole(fleet);
      for (const nodeId of fleet.nodeIds) expect(await pathsOf(nodeId)).toEqual(COURSE);
    },
  );

  it('pending without both, and whole when both are back', async () => {
    for (const proxy of [consul, registry]) proxy.cut();
    const fleet = newFleet('without-both');
    await fleet.introduce();
    await until(async () => (await statusesOf(fleet)).get('pending_registration') === NODES, {
      what: 'the whole fleet to be pending',
    });
    // Longer than one backend would be waited for: told by the log's own clock, when others are heard.
    const begun = await ear.until(fleet.nodeIds[0] ?? '', 'NODE_REGISTRATION_INITIATED');
    await ear.when(
      () => ear.records.find(({ appendedAt }) => appendedAt > begun.appendedAt + 2 * DEGRADED_AFTER_MS),
      'time to pass',
    );
    expect(await statusesOf(fleet)).toEqual(new Map([['pending_registration', NODES]]));
    for (const proxy of [consul, registry]) proxy.restore();
    await fleet.active();
    await isWhole(fleet);
    const told = fleet.nodeIds.flatMap((nodeId) => ear.of(nodeId));
    const perType = groupBy(told, ({ envelope }) => envelope.event_type);
    expect(perType.get('NODE_REGISTRATION_ACCEPTED')).toHaveLength(NODES);
    expect(perType.get('NODE_BECAME_ACTIVE')).toHaveLength(NODES);
  });

  it('folds its journal from empty to machine_states', async () => {
    expect((await replayProblems(world)).problems).toEqual([]);
    expect(await world.read(['dlq.v1'])).toEqual([]);
  });

  function newFleet(prefix: string): TalkingFleet {
    const fleet = new TalkingFleet(world, ear, { prefix, size: NODES, beatEveryMs: 1000 });
    fleets.push(fleet);
    return fleet;
  }

  /** When one backend had confirmed. What follows from that is decided at once, and may be in the log a little later. */
  async function confirmedAt(nodeId: string): Promise<number> {
    const partial = await ear.until(nodeId, 'REGISTRATION_PARTIAL');
    const { causation_id: causationId } = partial.envelope;
    const cause = await ear.when(
      () => ear.records.find(({ envelope }) => envelope.event_id === causationId),
      `the confirmation of ${nodeId}`,
    );
    return cause.appendedAt;
  }

  /** Ids of nodes that lack a backend, by the API. */
  async function degraded(): Promise<readonly string[]> {
    const { body } = await rollcall.get('/v1/nodes?limit=1000');
    const { items } = body as { items: readonly { nodeId: string; degraded: boolean }[] };
    return items
      .filter((node) => node.degraded)
      .map(({ nodeId }) => nodeId)
      .sort();
  }

  async function statusesOf({ nodeIds }: TalkingFleet): Promise<Map<string, number>> {
    const rows = await world.rows<{ status: string; count: number }>(
      `select status, count(*)::int as count from machine_states
       where machine = 'orchestrator' and node_id = any($1::text[]) group by status`,
      [nodeIds],
    );
    return new Map(rows.map(({ status, count }) => [status, count]));
  }

  async function pathsOf(nodeId: string): Promise<readonly string[]> {
    const rows = await world.rows<{ path: string }>(
      `select path from journal where machine = 'orchestrator' and node_id = $1 and not rule like 'ignore%' order by id`,
      [nodeId],
    );
    return rows.map(({ path }) => path.replace(/^none > /, ''));
  }

  /** Both backends hold all of it, as active. */
  async function isWhole({ nodeIds }: TalkingFleet): Promise<void> {
    await until(
      async () => {
        const services = await inConsul(world);
        const { rowCount } = await registrations.query(
          `select 1 from node_registrations where state = 'active' and node_id = any($1::text[])`,
          [nodeIds],
        );
        return nodeIds.every((id) => services.get(id)?.join() === 'effect passing') && rowCount === nodeIds.length;
      },
      { everyMs: 200, what: 'both backends to hold the fleet' },
    );
  }
});
