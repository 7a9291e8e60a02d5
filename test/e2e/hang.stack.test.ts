import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { differences } from './held.js';
import { replayProblems } from './journal.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { doubleIds, World } from './world.js';

const NODES = 600;

describeStack('a replica that hangs amid a step', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let fleet: TalkingFleet;
  const replicas: Rollcall[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create({ DEADLINE_SCAN_INTERVAL_MS: '200' });
    // The first one leads the scan for deadlines.
    for (let count = 0; count < 2; count++) replicas.push(await Rollcall.start(world.environment));
    ear = await Ear.open(world);
    fleet = new TalkingFleet(world, ear, { prefix: 'hung', size: NODES, beatEveryMs: 2000 });
  });

  afterAll(async () => {
    await fleet?.close();
    for (const replica of replicas) replica.thaw();
    await Promise.all(replicas.map((replica) => replica.stop()));
    await ear?.close();
    await world?.close();
  });

  it('keeps the nodes of its batch no longer than its place in the groups', async () => {
    const [hanging] = replicas;
    if (hanging === undefined) throw new Error('there is no replica');
    await introduceAndFreeze(hanging);
    try {
      // The other one, alone, with what the hanging one had in hand.
      await fleet.active();
      expect(hanging.isRunning).toBe(true);
    } finally {
      hanging.thaw();
    }
  });

  it('does nothing twice when it goes on', async () => {
    await until(async () => (await replicas[0]?.get('/health/ready'))?.status === 200, {
      what: 'the one that hung to be ready again',
    });
    // Consul has no fence: what the hanging one had checked before, and wrote after, is the drift audit's to find.
    const inTables = (await differences(world)).filter((difference) => !difference.includes(': Consul has '));
    expect(inTables).toEqual([]);
    expect((await replayProblems(world)).problems).toEqual([]);
    expect(doubleIds(await world.read())).toEqual([]);
    for (const type of ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE'] as const) {
      expect(ear.all(type)).toHaveLength(NODES);
    }
    expect(ear.all('NODE_REGISTRATION_ACK_TIMED_OUT')).toEqual([]);
  });

  /** Stops it amid the introductions: part of a batch stored, part of it published, part of it only read. */
  async function introduceAndFreeze(replica: Rollcall): Promise<void> {
    await fleet.introduce(fleet.nodeIds.slice(0, NODES / 2));
    await ear.when(() => ear.all('NODE_REGISTRATION_ACCEPTED')[0], 'the first that is accepted');
    replica.freeze();
    await fleet.introduce(fleet.nodeIds.slice(NODES / 2));
  }
});
