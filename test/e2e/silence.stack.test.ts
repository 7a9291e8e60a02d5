import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { replayProblems } from './journal.js';
import { build, Rollcall, type Environment } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { doubleIds, World, type Seen } from './world.js';

const INTERVAL_MS = 1000;
const WINDOW_MS = 3000;

const TIMES: Environment = {
  LIVENESS_WINDOW_MS: String(WINDOW_MS),
  HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
  DEADLINE_SCAN_INTERVAL_MS: '200',
};

describeStack('silence that is nobody’s fault', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(120_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  let fleet: TalkingFleet;

  beforeAll(async () => {
    await build();
    world = await World.create(TIMES);
    rollcall = await Rollcall.start(world.environment);
    ear = await Ear.open(world);
    fleet = new TalkingFleet(world, ear, { prefix: 'node', size: 12, beatEveryMs: INTERVAL_MS });
    await fleet.introduce();
    await fleet.active();
  });

  afterAll(async () => {
    await fleet?.close();
    rollcall?.thaw();
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  const expired = (): string[] => ear.all('NODE_LIVENESS_EXPIRED').map(({ key }) => key ?? '');

  it('expires nobody who spoke while the registry was stopped, and who did not after one window of listening', async () => {
    await rollcall.stop();
    await fleet.hush(['node-0']);
    await beatsOf(2 * WINDOW_MS);
    rollcall = await rollcall.again();
    const ready = Date.now();
    const event = await ear.until('node-0', 'NODE_LIVENESS_EXPIRED');
    expect(event.appendedAt).toBeGreaterThanOrEqual(ready);
    await isHeardForAWindow(rollcall, event);
    await beatsOf(2 * WINDOW_MS);
    expect(expired()).toEqual(['node-0']);
  });

  it('expires nobody who spoke while the registry hung, and who did not', async () => {
    rollcall.freeze();
    await fleet.hush(['node-1']);
    await beatsOf(WINDOW_MS + 3000);
    rollcall.thaw();
    await ear.until('node-1', 'NODE_LIVENESS_EXPIRED');
    await beatsOf(2 * WINDOW_MS);
    expect(expired()).toEqual(['node-0', 'node-1']);
    // Those who spoke were never thought to be gone either.
    expect(ear.all('REGISTRY_EXPIRY_HELD')).toEqual([]);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  it('times an ack out once, although the registry is killed while it is awaited', async () => {
    const late = new Set(ear.all('NODE_REGISTRATION_ACK_TIMED_OUT'));
    expect(late).toEqual(new Set());
  });

  /** Time in which those who talk are heard in the log. */
  async function beatsOf(durationMs: number): Promise<void> {
    const until = Date.now() + durationMs;
    await ear.when(
      () => ear.of('node-5', 'NODE_HEARTBEAT').find(({ appendedAt }) => appendedAt > until),
      `beats of ${durationMs} ms`,
    );
  }

  /** Between the joining of the heartbeats' group and the first marker lies the whole time that a node has. */
  async function isHeardForAWindow({ lines }: Rollcall, event: Seen): Promise<void> {
    const joined = lines.find(({ msg, group }) => msg === 'joined the consumer group' && String(group).endsWith('.heartbeats'));
    const marker = await ear.when(
      () => ear.of(event.key ?? '', 'DEADLINE_PASSED').at(-1),
      'the marker of the one that was silent',
    );
    expect(marker.appendedAt - Number(joined?.['time'])).toBeGreaterThanOrEqual(WINDOW_MS);
  }
});
