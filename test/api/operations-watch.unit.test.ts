import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OperationWatch } from '../../src/api/commands/operation-watch.js';
import type { OperationReader } from '../../src/api/commands/operation-reader.js';
import type { Outcome } from '../../src/api/commands/outcome.js';
import type { Operation } from '../../src/api/read/operation-store.js';
import { createLog, type LogRecord } from '../../src/runtime/index.js';
import { TestBus } from './test-app.js';

const PENDING: Outcome = { status: 'pending', steps: [] };
const SUCCEEDED: Outcome = { status: 'succeeded', steps: [] };
const LONG = 25_000;

/** A journal in which operations are what the test says, and that counts who looks. */
class FakeReader {
  readonly settled = new Set<string>();
  readonly looks: string[][] = [];
  broken = false;
  /** What every look waits for. */
  gate: Promise<void> = Promise.resolve();

  async outcomes(operations: readonly Operation[]): Promise<ReadonlyMap<string, Outcome>> {
    this.looks.push(operations.map(({ id }) => id));
    await this.gate;
    if (this.broken) throw new Error('the database is away');
    return new Map(operations.map(({ id }) => [id, this.settled.has(id) ? SUCCEEDED : PENDING]));
  }
}

const operation = (id: string, nodeId: string): Operation => ({ id, nodeId, kind: 'register', createdAt: 0 });
const record = (key: string | null) => ({ key: key === null ? null : Buffer.from(key) }) as LogRecord;
/** Lets everything that was started come to where it waits. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('waiting for operations', () => {
  let bus: TestBus;
  let reader: FakeReader;
  let watch: OperationWatch;

  beforeEach(() => {
    bus = new TestBus();
    reader = new FakeReader();
    watch = new OperationWatch(reader as unknown as OperationReader, bus, createLog('silent'));
  });
  afterEach(() => {
    watch.onModuleDestroy();
    jest.useRealTimers();
  });

  const opened = (nodeId: string) => {
    const open = watch.open(nodeId);
    if (open === null) throw new Error('no room');
    return open;
  };
  const [follower] = [() => [...bus.followers][0]!];

  it('looks once by itself: what was decided before is not waited for', async () => {
    reader.settled.add('1');
    expect(await opened('a').settled(operation('1', 'a'), LONG)).toBe(SUCCEEDED);
    expect([reader.looks, bus.followers.size]).toEqual([[['1']], 0]);
  });

  it.each([
    ['a step that this process decided', (bus: TestBus) => [...bus.followers][0]!.decided(['b', 'a'])],
    ['a record of the node', (bus: TestBus) => [...bus.followers][0]!.heard([record(null), record('b'), record('a')])],
    ['something that may have been missed', (bus: TestBus) => [...bus.followers][0]!.missed()],
  ])('looks again on %s', async (_what, happen) => {
    const outcome = opened('a').settled(operation('1', 'a'), LONG);
    await settle();
    expect(reader.looks).toEqual([['1']]);
    reader.settled.add('1');
    happen(bus);
    expect(await outcome).toBe(SUCCEEDED);
    expect(reader.looks).toEqual([['1'], ['1']]);
  });

  it('does not look because of other nodes, and never by itself', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const open = opened('a');
    const outcome = open.settled(operation('1', 'a'), LONG);
    await settle();
    follower().decided(['b']);
    follower().heard([record('b')]);
    jest.advanceTimersByTime(LONG - 1);
    await settle();
    expect(reader.looks).toEqual([['1']]);
    open.close();
    expect(await outcome).toEqual(PENDING);
  });

  it('takes a last look when the time is over', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const late = opened('a').settled(operation('1', 'a'), LONG);
    const never = opened('b').settled(operation('2', 'b'), LONG);
    await settle();
    reader.settled.add('1');
    jest.advanceTimersByTime(LONG);
    expect([await late, await never]).toEqual([SUCCEEDED, PENDING]);
    expect(bus.followers.size).toBe(0);
  });

  it('looks for all at once, one look at a time, and misses nothing meanwhile', async () => {
    let open: () => void = () => undefined;
    reader.gate = new Promise((resolve) => (open = resolve));
    const outcomes = Array.from({ length: 150 }, (_, index) => {
      const nodeId = `n${index}`;
      return opened(nodeId).settled(operation(nodeId, nodeId), LONG);
    });
    await settle();
    // The first look is under way, and has seen nothing yet.
    expect(reader.looks.map(({ length }) => length)).toEqual([100]);
    for (let index = 0; index < 150; index++) reader.settled.add(`n${index}`);
    for (let time = 0; time < 50; time++) follower().decided(['n0', 'n1']);
    open();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set([SUCCEEDED]));
    expect(reader.looks.length).toBeLessThanOrEqual(3);
  });

  it('tells every request that waits for the same operation', async () => {
    const both = [1, 2].map(() => opened('a').settled(operation('1', 'a'), LONG));
    await settle();
    reader.settled.add('1');
    follower().decided(['a']);
    expect(await Promise.all(both)).toEqual([SUCCEEDED, SUCCEEDED]);
  });

  it('goes on when the journal cannot be read', async () => {
    reader.broken = true;
    const outcome = opened('a').settled(operation('1', 'a'), LONG);
    await settle();
    reader.broken = false;
    reader.settled.add('1');
    follower().decided(['a']);
    expect(await outcome).toBe(SUCCEEDED);
  });

  it('has room for 1000, and again when one has left', async () => {
    const open = Array.from({ length: 1000 }, () => opened('a'));
    expect([watch.open('b'), bus.followers.size]).toEqual([null, 1]);
    open[0]?.close();
    open[0]?.close();
    expect(watch.open('b')).not.toBeNull();
    expect(watch.open('b')).toBeNull();
  });

  it('answers everybody when the process stops, and takes nobody any more', async () => {
    const outcome = opened('a').settled(operation('1', 'a'), LONG);
    const early = opened('b');
    watch.onModuleDestroy();
    expect([await outcome, await early.settled(operation('2', 'b'), LONG)]).toEqual([PENDING, PENDING]);
    expect([watch.open('a'), bus.followers.size]).toEqual([null, 0]);
  });
});
