import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { MessageType } from '../../src/messages/index.js';
import { describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { differences } from './held.js';
import { replayProblems } from './journal.js';
import { build, Rollcall } from './rollcall.js';
import { TalkingFleet } from './talking-fleet.js';
import { doubleIds, groupBy, World } from './world.js';

const NODES = 1000;
const INTERVAL_MS = 2000;
/** Longer than a busy machine stands still. */
const WINDOW_MS = 15_000;

describeStack('two replicas and a thousand nodes', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let ear: Ear;
  let fleet: TalkingFleet;
  const replicas: Rollcall[] = [];
  let expiring: readonly string[];
  let leaving: readonly string[];
  let staying: readonly string[];

  beforeAll(async () => {
    await build();
    world = await World.create({
      LIVENESS_WINDOW_MS: String(WINDOW_MS),
      HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
      DEADLINE_SCAN_INTERVAL_MS: '200',
      MASS_EXPIRY_SHARE_PERCENT: '100',
    });
    for (let count = 0; count < 2; count++) replicas.push(await Rollcall.start(world.environment));
    ear = await Ear.open(world);
    fleet = new TalkingFleet(world, ear, { prefix: 'one', size: NODES, beatEveryMs: INTERVAL_MS });
    const third = Math.floor(NODES / 3);
    expiring = fleet.nodeIds.slice(0, third);
    leaving = fleet.nodeIds.slice(third, 2 * third);
    staying = fleet.nodeIds.slice(2 * third);
  });

  afterAll(async () => {
    await fleet?.close();
    await Promise.all(replicas.map((replica) => replica.stop()));
    await ear?.close();
    await world?.close();
  });

  it('register all of them, each once', async () => {
    await fleet.introduce();
    await fleet.active();
    expect(await counts('active')).toBe(NODES);
    await until(() => replicas.every(({ lines }) => lines.some(({ msg }) => msg === 'step')), {
      what: 'steps of both',
    });
  });

  it('let a third expire, although their scanner is killed amid it', async () => {
    // In two halves, so that whatever the first scanner still got done, the second half is left to the other.
    const half = expiring.length / 2;
    await fleet.hush(expiring.slice(0, half));
    const leader = await leading();
    await ear.when(() => ear.all('NODE_LIVENESS_EXPIRED')[0], 'the first that expires');
    await leader.kill();
    await fleet.hush(expiring);
    const other = replicas.find((replica) => replica !== leader);
    await until(async () => (await counts('liveness_expired')) === expiring.length, {
      timeoutMs: 180_000,
      everyMs: 200,
      what: 'a third of the fleet to expire',
    });
    expect(await leading()).toBe(other);
    replicas.push(await leader.again());
  });

  it('take a third out by command', async () => {
    await fleet.deregister(leaving);
    await until(async () => (await counts('deregistered')) === leaving.length, {
      everyMs: 200,
      what: 'a third of the fleet to be gone',
    });
    expect(await counts('active')).toBe(staying.length);
  });

  it('have told of every event once', async () => {
    const told = (type: MessageType): string[] =>
      ear
        .all(type)
        .map(({ key }) => key ?? '')
        .sort();
    const all = [...fleet.nodeIds].sort();
    await until(
      () =>
        told('NODE_DEREGISTERED').length >= leaving.length && told('NODE_LIVENESS_EXPIRED').length >= expiring.length,
      { everyMs: 200, what: 'all that was told to be heard' },
    );
    for (const type of ['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE'] as const) expect(told(type)).toEqual(all);
    expect(told('NODE_LIVENESS_EXPIRED')).toEqual([...expiring].sort());
    expect(told('NODE_DEREGISTERED')).toEqual([...leaving].sort());
    const records = await world.read();
    expect(doubleIds(records)).toEqual([]);
    // Who was killed may have sent what its successor sent again: a copy, to the byte; only an effect may have taken another time.
    for (const [id, copies] of groupBy(records, ({ topic, envelope }) => `${topic} ${envelope.event_id}`)) {
      if (copies.length === 1) continue;
      const texts = copies.map(({ value }) => value.replace(/"duration_ms":[\d.]+/, ''));
      expect({ id, texts: new Set(texts).size }).toEqual({ id, texts: 1 });
    }
    expect(records.filter(({ topic }) => topic === 'dlq.v1')).toEqual([]);
  });

  it('leave both backends as the journal wants them', async () => {
    expect(await differences(world)).toEqual([]);
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  async function counts(status: string): Promise<number> {
    const [row] = await world.rows<{ count: number }>(
      `select count(*)::int as count from machine_states where machine = 'orchestrator' and status = $1`,
      [status],
    );
    return row?.count ?? 0;
  }

  /** The one that scans for deadlines, by its own metric. */
  function leading(): Promise<Rollcall> {
    return until(
      async () => {
        const found: Rollcall[] = [];
        for (const replica of replicas.filter(({ isRunning }) => isRunning)) {
          const metrics = await (await fetch(`${replica.url}/metrics`)).text();
          if (metrics.includes('rollcall_deadline_scan_leader 1')) found.push(replica);
        }
        return found.length === 1 && found[0];
      },
      { what: 'one replica that leads' },
    );
  }
});
