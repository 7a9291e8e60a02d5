import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack } from '../support/stack.js';
import { Ear } from './ear.js';
import { differences } from './held.js';
import { replayProblems } from './journal.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { World } from './world.js';

const NODES = 800;

describeStack('a clean stop while a fleet registers', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  let fleet: TalkingFleet;

  beforeAll(async () => {
    await build();
    world = await World.create();
    rollcall = await Rollcall.start(world.environment);
    ear = await Ear.open(world);
    fleet = new TalkingFleet(world, ear, { prefix: 'steady', size: NODES, beatEveryMs: 1000 });
  });

  afterAll(async () => {
    await fleet?.close();
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  it('finishes what is in hand and leaves nothing half done', async () => {
    const introducing = introduceInTurn();
    await ear.when(() => ear.all('NODE_BECAME_ACTIVE')[0], 'the first that is active');
    // 0 only when it was done within the ten seconds that a stop may take.
    expect(await rollcall.stop()).toBe(0);
    const [{ count } = { count: 0 }] = await world.rows<{ count: number }>(
      `select count(*)::int as count from machine_states where machine = 'orchestrator' and status = 'active'`,
    );
    expect(count).toBeLessThan(NODES);
    rollcall = await rollcall.again();
    await introducing;
    await fleet.active();
    expect(await differences(world)).toEqual([]);
    // What was done was committed: nothing is read a second time, and nothing published again.
    const metrics = await (await fetch(`${rollcall.url}/metrics`)).text();
    expect(metrics).not.toMatch(/rollcall_repeated_inputs_total\{[^}]*\} [1-9]/);
    const records = await world.read();
    const ids = records.map(({ topic, envelope }) => `${topic} ${envelope.event_id}`);
    expect(ids.length - new Set(ids).size).toBe(0);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  /** A few at a time, so that there is always work at hand, and some left when the stop is through. */
  async function introduceInTurn(): Promise<void> {
    for (let next = 0; next < NODES; next += 10) {
      await fleet.introduce(fleet.nodeIds.slice(next, next + 10));
      await sleep(50);
    }
  }
});
