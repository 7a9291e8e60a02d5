import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { replayProblems } from './journal.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { World } from './world.js';

const INTERVAL_MS = 4000;
const WINDOW_MS = 12_000;
/** Far more often than asked for: two missed beats are a sign of silence, and a slow machine is none. */
const BEAT_EVERY_MS = 750;

type Health = { readonly status: string; readonly components: Readonly<Record<string, { readonly status: string }>> };

describeStack('silence of too many at once', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  let fleet: TalkingFleet;

  beforeAll(async () => {
    await build();
    world = await World.create({
      LIVENESS_WINDOW_MS: String(WINDOW_MS),
      HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
      DEADLINE_SCAN_INTERVAL_MS: '200',
      // The only deadlines are to be those of silence.
      DEGRADED_ACCEPT_AFTER_MS: '600000',
    });
    rollcall = await Rollcall.start(world.environment);
    ear = await Ear.open(world);
    fleet = new TalkingFleet(world, ear, { prefix: 'node', size: 50, beatEveryMs: BEAT_EVERY_MS });
    await fleet.introduce();
    await fleet.active();
  });

  afterAll(async () => {
    await fleet?.close();
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  it('expires nobody, says so, and goes on by itself when they speak again', async () => {
    await fleet.hush(fleet.nodeIds.slice(0, 20));
    const held = await ear.until(world.registryId, 'REGISTRY_EXPIRY_HELD');
    expect(held).toMatchObject({
      topic: 'evt.registry-expiry.v1',
      key: world.registryId,
      envelope: {
        payload: { node_id: world.registryId, held_since: expect.any(String), expiring: expect.any(Number) },
      },
    });
    const degraded = await until(
      async () => {
        const body = (await rollcall.get('/health')).body as Health;
        return body.status === 'degraded' && body.components['expiry']?.status === 'degraded' && body;
      },
      { what: 'health that tells of it' },
    );
    expect(degraded).toMatchObject({
      status: 'degraded',
      components: { expiry: { status: 'degraded', critical: false, message: expect.stringContaining('held back') } },
    });
    await until(async () => (await fetch(`${rollcall.url}/health/ready`)).status === 200, { what: 'to be ready' });
    await until(async () => (await metrics()).includes('rollcall_expiry_held 1'), { what: 'the metric of it' });
    await ear.talkOf('node-30', 2 * WINDOW_MS);
    expect(ear.all('NODE_LIVENESS_EXPIRED')).toEqual([]);
    expect(ear.all('DEADLINE_PASSED')).toEqual([]);
    fleet.talk();
    const resumed = await ear.until(world.registryId, 'REGISTRY_EXPIRY_RESUMED');
    expect(resumed.envelope).toMatchObject({
      correlation_id: held.envelope.correlation_id,
      payload: { held_since: held.envelope.payload['held_since'] },
    });
    await until(async () => ((await rollcall.get('/health')).body as Health).components['expiry'] === undefined, {
      what: 'health without it',
    });
    await until(async () => (await metrics()).includes('rollcall_expiry_held 0'), { what: 'the metric without it' });
    await ear.talkOf('node-30', WINDOW_MS);
    expect(ear.all('NODE_LIVENESS_EXPIRED')).toEqual([]);
    expect(ear.all('REGISTRY_EXPIRY_HELD')).toHaveLength(1);
    expect(ear.all('REGISTRY_EXPIRY_RESUMED')).toHaveLength(1);
  });

  it('expires one among many who talk', async () => {
    await fleet.hush(['node-7']);
    await ear.until('node-7', 'NODE_LIVENESS_EXPIRED');
    expect(ear.all('NODE_LIVENESS_EXPIRED')).toHaveLength(1);
    expect(ear.all('REGISTRY_EXPIRY_HELD')).toHaveLength(1);
  });

  it('expires them all when an operator says that they are gone', async () => {
    const lost = fleet.nodeIds.slice(20, 40);
    await fleet.hush(lost);
    await ear.until(world.registryId, 'REGISTRY_EXPIRY_HELD', 2);
    const released = await fetch(`${rollcall.url}/v1/expiry/release`, { method: 'POST' });
    expect(released.status).toBe(202);
    await ear.until(world.registryId, 'REGISTRY_EXPIRY_RESUMED', 2);
    await Promise.all(lost.map((nodeId) => ear.until(nodeId, 'NODE_LIVENESS_EXPIRED')));
    expect(ear.all('NODE_LIVENESS_EXPIRED')).toHaveLength(1 + lost.length);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  async function metrics(): Promise<string> {
    return (await fetch(`${rollcall.url}/metrics`)).text();
  }
});
