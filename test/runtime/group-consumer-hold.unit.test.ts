import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { GroupConsumer } from '../../src/runtime/kafka/group-consumer.js';
import type { Lane } from '../../src/runtime/lanes/lane.js';
import { byHand } from '../support/local-log.js';
import { FakeConsumer } from './fake-consumer.js';

const TOPIC = 'evt.node-heartbeat.v1';
const FULL_NAME = `dev.onex.${TOPIC}`;

const settled = () => jest.advanceTimersByTimeAsync(0);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A group of one consumer that delivers to a lane; `handled`: what the lane saw, as `partition:offset`. */
async function reading(parts: Partial<Lane> = {}) {
  const consumer = new FakeConsumer(FULL_NAME);
  const handled: string[] = [];
  const lane: Lane = {
    group: 'heartbeats',
    topics: [TOPIC],
    ...parts,
    handle: (records) => {
      handled.push(...records.map(({ partition, offset }) => `${partition}:${offset}`));
      return parts.handle?.(records) ?? Promise.resolve();
    },
  };
  const kafka = { consumer: () => consumer };
  const log = pino({ level: 'silent' });
  const group = new GroupConsumer(kafka as never, 'group', lane, new TopicNames('dev.onex'), log, 'this process');
  group.start();
  await settled();
  return { consumer, group, handled };
}

/** Begins to hold; tells whether all that was in hand is finished. */
function holding(group: GroupConsumer): { readonly isHeld: () => Promise<boolean> } {
  let held = false;
  void group.hold().then(() => (held = true));
  return {
    isHeld: async () => {
      await settled();
      return held;
    },
  };
}

describe('a consumer group that is held', () => {
  it('finishes all batches in hand first', async () => {
    const work = [byHand(), byHand()];
    const { consumer, group, handled } = await reading({ handle: ([first]) => work[first?.partition ?? 0]!.promise });
    void consumer.deliver({ partition: 0, first: 5, last: 6 });
    void consumer.deliver({ partition: 1, first: 8, last: 8 });
    const { isHeld } = holding(group);
    expect(await isHeld()).toBe(false);
    work[1]?.resolve();
    expect(await isHeld()).toBe(false);
    work[0]?.resolve();
    expect(await isHeld()).toBe(true);
    expect(handled).toEqual(['0:5', '0:6', '1:8']);
    expect(consumer.resolved).toEqual(['1:8', '0:6']);
  });

  it.each([
    {
      fate: 'the lane could not take',
      lane: () => Promise.reject(new Error('no database')),
      heartbeat: Promise.resolve(),
    },
    { fate: 'whose membership is lost', lane: () => Promise.resolve(), heartbeat: Promise.reject(new Error('fenced')) },
  ])('does not wait for a batch $fate to come again', async ({ lane, heartbeat }) => {
    heartbeat.catch(() => undefined);
    const work = byHand();
    const { consumer, group } = await reading({ handle: () => work.promise.then(lane) });
    consumer.heartbeat = () => heartbeat;
    const delivered = Promise.allSettled([consumer.deliver({ partition: 0, first: 5, last: 6 })]);
    await jest.advanceTimersByTimeAsync(60_000);
    const { isHeld } = holding(group);
    expect(await isHeld()).toBe(false);
    work.resolve();
    await delivered;
    expect(await isHeld()).toBe(true);
    expect(consumer.resolved).toEqual([]);
  });

  it('hands no further batch to its lane, and reads no further, where nothing was taken here', async () => {
    const { consumer, group, handled } = await reading();
    await group.hold();
    await consumer.deliver({ partition: 1, first: 5, last: 9 });
    expect(handled).toEqual([]);
    expect(consumer.resolved).toEqual([]);
    expect(consumer.committed).toEqual([]);
    expect(consumer.paused).toEqual([{ topic: FULL_NAME, partitions: [1] }]);
  });

  it.each([
    { next: 5, resolved: [], committed: [], isPaused: true },
    { next: 7, resolved: ['1:6'], committed: ['1:7'], isPaused: true },
    { next: 9, resolved: ['1:8'], committed: ['1:9'], isPaused: true },
    { next: 10, resolved: ['1:9'], committed: ['1:10'], isPaused: false },
  ])(
    'of records 5 to 9, taken here up to $next, commits $committed',
    async ({ next, resolved, committed, isPaused }) => {
      const asked: string[] = [];
      const { consumer, group, handled } = await reading({
        unseen: (records) => {
          asked.push(...records.map(({ topic, partition, offset }) => `${topic} ${partition}:${offset}`));
          return Promise.resolve(records.filter(({ offset }) => Number(offset) >= next));
        },
      });
      await group.hold();
      await consumer.deliver({ partition: 1, first: 5, last: 9 });
      await settled();
      expect(asked).toEqual([5, 6, 7, 8, 9].map((offset) => `${TOPIC} 1:${offset}`));
      expect(handled).toEqual([]);
      expect(consumer.resolved).toEqual(resolved);
      expect(consumer.committed).toEqual(committed);
      expect(consumer.paused).toEqual(isPaused ? [{ topic: FULL_NAME, partitions: [1] }] : []);
    },
  );

  it('asks nobody what was taken while it is not held: its lane sees everything', async () => {
    const { consumer, handled } = await reading({ unseen: () => Promise.resolve([]) });
    await consumer.deliver({ partition: 0, first: 8, last: 9 });
    expect(handled).toEqual(['0:8', '0:9']);
    expect(consumer.committed).toEqual(['0:10']);
  });
});
