import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Place } from '../../src/simulator/kafka/coordinator.js';
import { activate, advance, Broker, Coordinator, Fenced, Owner, RowLocks, VirtualTime } from './simulated.js';

const TOPIC = 'evt.node-heartbeat.v1';
const SESSION_MS = 10_000;

let time: InstanceType<typeof VirtualTime>;
let broker: InstanceType<typeof Broker>;
let group: InstanceType<typeof Coordinator>;
let committed: string[];

beforeEach(() => {
  time = new VirtualTime(1);
  activate(time);
  broker = new Broker(time, () => 3, 0);
  committed = [];
  group = new Coordinator({
    time,
    broker,
    group: 'heartbeats',
    sessionTimeoutMs: SESSION_MS,
    isAway: () => false,
    onCommit: (_group, { partition }, from, to) => committed.push(`${partition}: ${from} -> ${to}`),
    onGeneration: () => undefined,
  });
});
afterEach(() => activate(null));

function append(key: string, text: string) {
  return broker.append({ topic: TOPIC, key: Buffer.from(key), value: Buffer.from(text), headers: {} });
}

const partitions = (places: readonly Place[]): number[] => places.map(({ partition }) => partition).sort();

describe('the log', () => {
  it('keeps the order of a key, in one partition', async () => {
    const records = ['1', '2', '3'].map((text) => append('a', text));
    const [{ partition }] = records as [(typeof records)[0]];
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(new Set(records.map((record) => record.partition)).size).toBe(1);
    const fetched = await broker.fetch(TOPIC, partition, 1, 10);
    expect(fetched.map(({ value }) => String(value))).toEqual(['2', '3']);
  });

  it('lets a fetch wait for the first record', async () => {
    const partition = broker.partitionFor(TOPIC, 'a');
    const fetched = broker.fetch(TOPIC, partition, 0, 10);
    append('a', 'late');
    expect((await fetched).map(({ value }) => String(value))).toEqual(['late']);
  });
});

describe('a group', () => {
  it('deals all partitions out to its members, each to one', async () => {
    const first = group.join('a', [TOPIC]);
    expect(partitions((await first).places)).toEqual([0, 1, 2]);
    const [second, again] = [group.join('b', [TOPIC]), group.join('a', [TOPIC])];
    const all = [...(await second).places, ...(await again).places];
    expect(partitions(all)).toEqual([0, 1, 2]);
  });

  it('tells members of a rebalance, and refuses the commit of one that stayed behind', async () => {
    const { generation } = await group.join('a', [TOPIC]);
    void group.join('b', [TOPIC]);
    expect(() => group.heartbeat('a', generation)).toThrow(Fenced);
    const next = await group.join('a', [TOPIC]);
    expect(next.generation).toBe(generation + 1);
    expect(() => group.commit('a', generation, [{ topic: TOPIC, partition: 0, offset: 5 }])).toThrow(
      'ILLEGAL_GENERATION',
    );
    expect(committed).toEqual([]);
    group.commit('a', next.generation, [{ topic: TOPIC, partition: 0, offset: 5 }]);
    expect(committed).toEqual(['0: 0 -> 5']);
  });

  it('takes a member that says nothing for dead: others get its partitions, from what it committed', async () => {
    const { generation } = await group.join('a', [TOPIC]);
    group.commit('a', generation, [{ topic: TOPIC, partition: 1, offset: 3 }]);
    const second = group.join('b', [TOPIC]);
    await advance(time, 3 * SESSION_MS);
    const { places } = await second;
    expect(partitions(places)).toEqual([0, 1, 2]);
    expect(group.committedOffset({ topic: TOPIC, partition: 1 })).toBe(3);
    expect(() => group.commit('a', generation, [])).toThrow('UNKNOWN_MEMBER_ID');
  });
});

describe('time', () => {
  it('lets nothing happen that a dead process had planned, and holds back what a frozen one had', async () => {
    const [dead, frozen] = [new Owner('dead'), new Owner('frozen')];
    const heard: string[] = [];
    time.plan(10, dead, () => heard.push('dead'));
    time.plan(10, frozen, () => heard.push(`frozen at ${time.now}`));
    dead.state = 'dead';
    frozen.state = 'frozen';
    await advance(time, 100);
    expect(heard).toEqual([]);
    time.thaw(frozen);
    await advance(time, 200);
    expect(heard).toEqual(['frozen at 100']);
  });

  it('stands in for clock, timers and randomness', async () => {
    const before = Date.now();
    const waited = new Promise<number>((resolve) => setTimeout(() => resolve(Date.now()), 5000));
    await advance(time, 6000);
    expect((await waited) - before).toBe(5000);
    const drawn = Math.random();
    activate(new VirtualTime(1));
    expect(Math.random()).toBe(drawn);
  });
});

describe('row locks', () => {
  it('are granted in order, and given up together', async () => {
    const locks = new RowLocks();
    const [a, b] = [{}, {}];
    expect(locks.acquire(a, 'x')).toBeNull();
    const waiting = locks.acquire(b, 'x');
    locks.release(a);
    await waiting;
    expect(locks.acquire(b, 'x')).toBeNull();
  });

  it('do not wait for ever for each other', async () => {
    const locks = new RowLocks();
    const [a, b] = [{}, {}];
    expect([locks.acquire(a, 'x'), locks.acquire(b, 'y')]).toEqual([null, null]);
    void locks.acquire(a, 'y');
    await expect(locks.acquire(b, 'x')).rejects.toMatchObject({ code: '40P01' });
  });
});
