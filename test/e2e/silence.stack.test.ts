import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack } from '../support/stack.js';
import { expectCourse, registers, removedFrom, timesOut } from './course.js';
import { Ear } from './ear.js';
import { replayProblems } from './journal.js';
import { KafkaNode } from './kafka-node.js';
import { build, Rollcall, type Environment } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { doubleIds, World } from './world.js';

const INTERVAL_MS = 1000;
/** Longer than a busy machine stands still. */
const WINDOW_MS = 8000;
const ACK_TIMEOUT_MS = 10_000;

const TIMES: Environment = {
  ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS),
  LIVENESS_WINDOW_MS: String(WINDOW_MS),
  HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
  DEADLINE_SCAN_INTERVAL_MS: '200',
  DEGRADED_ACCEPT_AFTER_MS: '600000',
  // What holds expiry back here is not its extent.
  MASS_EXPIRY_SHARE_PERCENT: '100',
};

describeStack('silence that is nobody’s fault', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let rollcall: Rollcall;
  let fleet: TalkingFleet;
  const alone: KafkaNode[] = [];

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
    await Promise.all(alone.map((node) => node.hush()));
    rollcall?.thaw();
    await rollcall?.stop();
    await ear?.close();
    await world?.close();
  });

  const expired = (): string[] =>
    ear
      .all('NODE_LIVENESS_EXPIRED')
      .map(({ key }) => key ?? '')
      .sort();

  /** Nodes of which a marker said that they were silent. */
  const marked = (): Set<string | null> =>
    new Set(
      ear
        .all('DEADLINE_PASSED')
        .filter(({ envelope }) => envelope.payload['kind'] === 'liveness')
        .map(({ key }) => key),
    );

  it('expires nobody who spoke while the registry was stopped, and who did not after one window of listening', async () => {
    await rollcall.stop();
    await fleet.hush(['node-0']);
    await beatsOf(2 * WINDOW_MS);
    rollcall = await rollcall.again();
    await ear.until('node-0', 'NODE_LIVENESS_EXPIRED');
    isListenedForFirst('node-0');
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
    expect(marked()).toEqual(new Set(['node-0', 'node-1']));
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  it('times an ack out once, and again after a retry, although the registry is killed while it is awaited', async () => {
    const [absent, prompt] = ['absent', 'prompt'].map((nodeId) => new KafkaNode(world, ear, nodeId, INTERVAL_MS));
    if (absent === undefined || prompt === undefined) throw new Error('two nodes make two');
    alone.push(absent, prompt);
    await Promise.all(alone.map((node) => node.introspect()));
    const [, attemptId] = await Promise.all(alone.map((node) => node.accepted()));
    await rollcall.kill();
    // In the log before the marker of its deadline: in time, whenever it is read.
    await prompt.ack(attemptId);
    await fleet.hush(['node-2']);
    await beatsOf(ACK_TIMEOUT_MS);
    // It scans at once, and reads only when the group no longer waits for the one that was killed.
    rollcall = await rollcall.again();
    await prompt.hears('NODE_BECAME_ACTIVE');
    prompt.beat();
    await absent.hears('NODE_REGISTRATION_ACK_TIMED_OUT');
    await expectCourse(world, ear, absent, [...registers('none', 1), timesOut(1), removedFrom('ack_timed_out')]);
    await ear.until('node-2', 'NODE_LIVENESS_EXPIRED');
    isListenedForFirst('node-2');
    await absent.introspect({ reason: 'request' });
    await absent.accepted(2);
    await rollcall.kill();
    rollcall = await rollcall.again();
    await absent.hears('NODE_REGISTRATION_ACK_TIMED_OUT', 2);
    await expectCourse(world, ear, absent, [
      ...registers('none', 1),
      timesOut(1),
      removedFrom('ack_timed_out'),
      ...registers('ack_timed_out', 2),
      timesOut(2),
      removedFrom('ack_timed_out'),
    ]);
    await beatsOf(2 * WINDOW_MS);
    await prompt.hush();
    expect(ear.of('prompt', 'NODE_REGISTRATION_ACK_TIMED_OUT')).toEqual([]);
    expect(expired()).toEqual(['node-0', 'node-1', 'node-2']);
    expect(marked()).toEqual(new Set(['node-0', 'node-1', 'node-2']));
    expect(doubleIds(await world.read())).toEqual([]);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  /** Time in which those who talk are heard in the log. */
  async function beatsOf(durationMs: number): Promise<void> {
    await ear.talkOf('node-5', durationMs);
  }

  /** Not even a marker that came to nothing was sent before the heartbeats were read for a whole window. */
  function isListenedForFirst(nodeId: string): void {
    for (const { appendedAt } of ear.of(nodeId, 'DEADLINE_PASSED')) {
      expect(appendedAt - joinedAt(rollcall)).toBeGreaterThanOrEqual(WINDOW_MS);
    }
  }

  /** When it began to read heartbeats, epoch milliseconds. */
  function joinedAt({ lines }: Rollcall): number {
    const joined = lines.find(
      ({ msg, group }) => msg === 'joined the consumer group' && String(group).endsWith('.heartbeats'),
    );
    return Date.parse(String(joined?.['time']));
  }
});
