import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { decode, SNAPSHOT_STATES, SNAPSHOT_TOPIC, type PayloadOf } from '../../src/messages/index.js';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { say } from './node-message.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { groupBy, World, type Seen } from './world.js';

const NODES = 240;
const INTERVAL_MS = 1500;
/** Longer than a busy machine stands still. */
const WINDOW_MS = 15_000;
const DECIDING = 'api,orchestrator,reducer,consul,postgres,heartbeats';

type Snapshot = PayloadOf<'NODE_REGISTRATION_SNAPSHOT'>;
type Node = Readonly<Record<string, unknown>> & { readonly nodeId: string; readonly state: string };

/** What a program makes of the topic that has nothing but Kafka: of each key the last record counts, and a tombstone ends it. */
async function fleetOfTheTopic(world: World): Promise<ReadonlyMap<string, Snapshot>> {
  const fleet = new Map<string, Snapshot>();
  for (const { key, value } of inOrder(await world.read([SNAPSHOT_TOPIC]))) {
    if (key === null) throw new Error('a record of a compacted topic has a key');
    if (value === '') {
      fleet.delete(key);
      continue;
    }
    const decoded = decode(SNAPSHOT_TOPIC, { key, value: Buffer.from(value) });
    if (!decoded.ok) throw new Error(decoded.reason);
    if (decoded.message.eventType === 'NODE_REGISTRATION_SNAPSHOT') fleet.set(key, decoded.message.payload);
  }
  return fleet;
}

function inOrder(records: readonly Seen[]): readonly Seen[] {
  return [...records].sort(
    (one, other) => one.partition - other.partition || Number(one.offset) - Number(other.offset),
  );
}

/** The same as the API has it. */
async function fleetOfTheApi(rollcall: Rollcall): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await rollcall.get(`/v1/nodes?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page: { items: Node[]; nextCursor: string | null } = body as never;
    nodes.push(...page.items);
    cursor = page.nextCursor;
  }
  return nodes;
}

/** A snapshot in the words of the API. */
function asNode({ record, ...snapshot }: Snapshot): Node {
  const { nodeId, state, degraded, revision, attemptId, registeredAt, updatedAt } = snapshot;
  const { nodeType, nodeVersion, capabilities, endpoints, metadata, incarnation } = record;
  const described = { nodeType, nodeVersion, capabilities, endpoints, metadata, incarnation };
  return { nodeId, state, degraded, revision, attemptId, registeredAt, updatedAt, ...described };
}

describeStack('the topic of snapshots', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  let keeper: Rollcall;
  let fleet: TalkingFleet;

  beforeAll(async () => {
    await build();
    world = await World.create({
      LIVENESS_WINDOW_MS: String(WINDOW_MS),
      HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
      DEADLINE_SCAN_INTERVAL_MS: '200',
      MASS_EXPIRY_SHARE_PERCENT: '100',
    });
    rollcall = await Rollcall.start({ ...world.environment, ROLES: DECIDING });
    ear = await Ear.open(world);
    // What is registered before anybody keeps snapshots, as after an upgrade.
    fleet = new TalkingFleet(world, ear, { prefix: 'node', size: NODES, beatEveryMs: INTERVAL_MS / 2 });
    await fleet.introduce(fleet.nodeIds.slice(0, 40));
    await ear.until(fleet.nodeIds[39] ?? '', 'NODE_BECAME_ACTIVE');
    keeper = await Rollcall.start({ ...world.environment, ROLES: 'snapshots' });
  });

  afterAll(async () => {
    await fleet?.close();
    await Promise.all([rollcall?.stop(), keeper?.stop()]);
    await ear?.close();
    await world?.close();
  });

  /** Waits until topic and API say the same of every node, and gives how many take part. */
  async function agreed(): Promise<number> {
    const differences = async (): Promise<readonly string[]> => {
      const told = await fleetOfTheTopic(world);
      const nodes = await fleetOfTheApi(rollcall);
      const present = nodes.filter(({ state }) => (SNAPSHOT_STATES as readonly string[]).includes(state));
      const different = present.filter((node) => {
        const snapshot = told.get(node.nodeId);
        return (
          snapshot === undefined || JSON.stringify(comparable(node)) !== JSON.stringify(comparable(asNode(snapshot)))
        );
      });
      const tooMany = [...told.keys()].filter((nodeId) => !present.some((node) => node.nodeId === nodeId));
      return [
        ...different.map(({ nodeId }) => `differs: ${nodeId}`),
        ...tooMany.map((nodeId) => `too many: ${nodeId}`),
      ];
    };
    await until(async () => (await differences()).length === 0, {
      timeoutMs: 180_000,
      everyMs: 500,
      what: 'the topic to tell what the API tells',
    });
    return (await fleetOfTheTopic(world)).size;
  }

  it('has every node after a herd, although who keeps it was killed amid it, twice', async () => {
    await fleet.introduce();
    for (const count of [80, 160]) {
      await ear.when(() => (ear.all('NODE_BECAME_ACTIVE').length >= count ? true : undefined), `${count} active nodes`);
      await keeper.kill();
      keeper = await keeper.again();
    }
    await fleet.active();
    expect(await agreed()).toBe(NODES);
  });

  it('has who changed, left, fell silent and came back, although it was killed meanwhile', async () => {
    const [silent, leaving, changing, restarting] = [0, 1, 2, 3].map((nth) =>
      fleet.nodeIds.slice(nth * 30, nth * 30 + 30),
    );
    await fleet.hush(silent ?? []);
    await fleet.deregister(leaving ?? []);
    const described = { node_type: 'effect', capabilities: ['resize'], endpoints: { api: 'http://10.1.2.3:8080/' } };
    for (const [nodeIds, fields] of [
      [changing, { node_version: '2.0.0', incarnation: 100 }],
      [restarting, { node_version: '1.0.0', incarnation: 200 }],
    ] as const) {
      const said = (nodeIds ?? []).map((nodeId) => say(nodeId, 'NODE_INTROSPECTION', { ...described, ...fields }));
      await world.appendAll('evt.node-introspection.v1', said.map(({ record }) => record)); // prettier-ignore
    }
    await keeper.kill();
    for (const nodeId of silent ?? []) await ear.until(nodeId, 'NODE_LIVENESS_EXPIRED');
    for (const nodeId of leaving ?? []) await ear.until(nodeId, 'NODE_DEREGISTERED');
    for (const nodeId of changing ?? []) await ear.until(nodeId, 'NODE_REGISTRATION_UPDATED');
    for (const nodeId of restarting ?? []) await ear.until(nodeId, 'NODE_BECAME_ACTIVE', 2);
    keeper = await keeper.again();
    expect(await agreed()).toBe(NODES - 60);
    const records = await world.read([SNAPSHOT_TOPIC]);
    const buried = new Set(records.filter(({ value }) => value === '').map(({ key }) => key));
    expect([...(silent ?? []), ...(leaving ?? [])].filter((nodeId) => !buried.has(nodeId))).toEqual([]);
  });

  it('has one record for a node at a version, to the byte, whoever wrote it', async () => {
    const records = (await world.read([SNAPSHOT_TOPIC])).filter(({ value }) => value !== '');
    for (const [id, copies] of groupBy(records, ({ envelope }) => envelope.event_id)) {
      expect({ id, texts: new Set(copies.map(({ value }) => value)).size }).toEqual({ id, texts: 1 });
    }
    expect(new Set(records.map(({ envelope }) => envelope.event_type))).toEqual(
      new Set(['NODE_REGISTRATION_SNAPSHOT']),
    );
    expect(records.every(({ headers, envelope: { payload } }) => headers['workflow_version'] === String(payload['workflow_version']))).toBe(true); // prettier-ignore
  });

  it('was filled once, and the keeper is done with its backlog', async () => {
    const sweeps = () =>
      world.rows<{ finished: boolean }>(`select finished_at is not null as finished from snapshot_sweeps`);
    await until(async () => (await sweeps()).some(({ finished }) => finished), { what: 'the topic to be filled' });
    expect(await sweeps()).toEqual([{ finished: true }]);
    await keeper.stop();
    keeper = await keeper.again();
    const before = (await world.read([SNAPSHOT_TOPIC])).length;
    await keeper.stop();
    expect((await world.read([SNAPSHOT_TOPIC])).length - before).toBeLessThan(NODES / 2);
  });
});

/** Fields of both, in one order. */
function comparable(node: Node): readonly unknown[] {
  const { nodeId, state, degraded, revision, attemptId, registeredAt, updatedAt } = node;
  const { nodeType, nodeVersion, capabilities, endpoints, metadata, incarnation } = node;
  return [
    ...[nodeId, state, degraded, revision, attemptId, registeredAt, updatedAt],
    ...[nodeType, nodeVersion, capabilities, endpoints, metadata, incarnation],
  ];
}
