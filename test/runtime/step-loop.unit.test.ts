import { describe, expect, it } from '@jest/globals';
import type { Input } from '../../src/messages/index.js';
import { UnstorableData } from '../../src/runtime/journal/transact.js';
import { LaneUnavailable, type LogRecord } from '../../src/runtime/lanes/lane.js';
import { completed, id, introspection, NODE } from '../support/builders.js';
import { byHand, turn } from '../support/local-log.js';
import { messageIn, recordOf } from '../support/machines.js';
import { StepLoopWorld } from '../support/step-loop-world.js';
import { TIMINGS } from '../support/workflow.js';

const RUBBISH: LogRecord = {
  topic: 'evt.node-introspection.v1',
  topicName: 'dev.onex.evt.node-introspection.v1',
  partition: 3,
  offset: '77',
  key: null,
  value: Buffer.from('rubbish'),
  headers: {},
  appendedAt: 0,
};

function nodeNamed(nodeId: string, n: number): Input<'NODE_INTROSPECTION'> {
  return introspection(n, { nodeId });
}

describe('the step loop', () => {
  it('stores before it publishes, and is done only then', async () => {
    const world = new StepLoopWorld();
    const { order } = world;
    await world.handle([recordOf(introspection(1))]);
    expect(order).toEqual(['stored 1', 'published 1', `decided ${NODE}`]);
  });

  it('writes the dead letter with the outputs, before the offset may move', async () => {
    const world = new StepLoopWorld();
    const { published, outage } = world;
    outage.broker = new Error('no broker');
    await expect(world.handle([RUBBISH])).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    outage.broker = null;
    await world.handle([RUBBISH, recordOf(introspection(1))]);
    expect(published.map(({ topic }) => topic)).toEqual(['dlq.v1', 'evt.node-registration-initiated.v1']);
    expect(messageIn(published[0]!).payload).toMatchObject({ cause: 'malformed', originalOffset: '77' });
  });

  it('after a publish that failed, publishes what it stored, to the byte', async () => {
    const world = new StepLoopWorld();
    const { order, outage, published } = world;
    const record = recordOf(introspection(1));
    outage.broker = new Error('no broker');
    await expect(world.handle([record])).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    outage.broker = null;
    await world.handle([record]);
    await world.handle([record]);
    const repeated = ['stored 0', 'published 1', `decided ${NODE}`, `began orchestrator ${NODE} ${id(1)}`];
    expect(order).toEqual(['stored 1', ...repeated, ...repeated]);
    expect(new Set(published.map(({ value }) => value?.toString())).size).toBe(1);
  });

  describe('a deadline that an output tells of', () => {
    const accepted = () => [recordOf(introspection(1)), recordOf(completed(2, { attempt: 1, version: 1 }))] as const;
    const begins = `began orchestrator ${NODE} ${id(2)}`;

    it('begins behind the publish, and the offset may move only then', async () => {
      const world = new StepLoopWorld();
      const { order } = world;
      await world.handle(accepted());
      expect(order).toEqual(['stored 2', 'published 2', `decided ${NODE} ${NODE}`, begins]);
    });

    it('does not begin while the log is away, and does when the input comes again', async () => {
      const world = new StepLoopWorld();
      const { order, outage } = world;
      const [first, second] = accepted();
      await world.handle([first]);
      outage.broker = new Error('no broker');
      await expect(world.handle([second])).rejects.toBeInstanceOf(LaneUnavailable);
      expect(order.at(-1)).toBe('stored 1');
      outage.broker = null;
      await world.handle([second]);
      expect(order.slice(-4)).toEqual(['stored 0', 'published 1', `decided ${NODE}`, begins]);
    });

    it('that cannot begin holds the offset back', async () => {
      const world = new StepLoopWorld();
      const { order, outage } = world;
      const records = accepted();
      outage.deadlines = new Error('connection refused');
      await expect(world.handle(records)).rejects.toBeInstanceOf(LaneUnavailable);
      outage.deadlines = null;
      await world.handle(records);
      expect(order.slice(-4)).toEqual([
        'stored 0',
        'published 2',
        `decided ${NODE} ${NODE}`,
        `began orchestrator ${NODE} ${id(1)} orchestrator ${NODE} ${id(2)}`,
      ]);
    });

    it('holds back what it follows from, and not the next batch', async () => {
      const world = new StepLoopWorld();
      const work = byHand();
      world.onDeadlines = () => work.promise;
      let isDone = false;
      const first = world.handle(accepted()).then(() => (isDone = true));
      await turn();
      await world.handle([recordOf(introspection(3, { nodeId: 'other' }))]);
      expect([isDone, world.order.slice(-3)]).toEqual([false, ['stored 1', 'published 1', 'decided other']]);
      work.resolve();
      await first;
      expect(world.order.at(-1)).toBe(begins);
    });
  });

  it('tells whose steps were decided, ignored ones included, and nothing of what it could not read', async () => {
    const world = new StepLoopWorld();
    const { order } = world;
    await world.handle([
      recordOf(nodeNamed('a', 1)),
      RUBBISH,
      recordOf(nodeNamed('b', 2)),
      recordOf(nodeNamed('a', 3)),
    ]);
    expect(order.at(-1)).toBe('decided a b a');
  });

  it('decides by the times that hold now, and waits where they are not known', async () => {
    const world = new StepLoopWorld();
    const { published, outage } = world;
    world.pace = { ...TIMINGS, heartbeatIntervalMs: 77_000 };
    const records = [recordOf(introspection(1)), recordOf(completed(2, { attempt: 1, version: 1 }))];
    outage.count = new Error('cannot count the fleet');
    await expect(world.handle(records)).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    outage.count = null;
    await world.handle(records);
    expect(messageIn(published.at(-1)!)).toMatchObject({
      eventType: 'NODE_REGISTRATION_ACCEPTED',
      payload: { heartbeatIntervalMs: 77_000 },
    });
  });

  it('finds the one message that can never be stored, and goes on with the others in their order', async () => {
    const world = new StepLoopWorld();
    const { published } = world;
    world.refuses = (nodeIds) => (nodeIds.includes('poison') ? new UnstorableData('refused') : null);
    const ids = ['a', 'b', 'poison', 'c', 'd'];
    await world.handle(ids.map((nodeId, index) => recordOf(nodeNamed(nodeId, index + 1))));
    expect(published.map(({ topic, key }) => `${topic} ${String(key)}`)).toEqual([
      'evt.node-registration-initiated.v1 a',
      'evt.node-registration-initiated.v1 b',
      'dlq.v1 poison',
      'evt.node-registration-initiated.v1 c',
      'evt.node-registration-initiated.v1 d',
    ]);
    expect(messageIn(published[2]!).payload).toMatchObject({ cause: 'rejected_by_handler' });
  });

  it('waits for a database that is away, and loses nothing', async () => {
    const world = new StepLoopWorld();
    const { published, outage } = world;
    outage.database = new Error('connection refused');
    const record = recordOf(introspection(1));
    await expect(world.handle([record])).rejects.toBeInstanceOf(LaneUnavailable);
    expect(published).toEqual([]);
    outage.database = null;
    await world.handle([record]);
    expect(published).toHaveLength(1);
  });
});
