import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { GroupConsumer } from '../../src/runtime/kafka/group-consumer.js';
import { FakeConsumer } from './fake-consumer.js';

const TOPIC = 'evt.node-heartbeat.v1';
const BATCH = { partition: 0, first: 0, last: 0 };

const settled = () => jest.advanceTimersByTimeAsync(0);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('does not pause a new consumer for the last batch of the one that it replaces', async () => {
  const consumers: FakeConsumer[] = [];
  let fail: (error: Error) => void = () => undefined;
  const outcomes = [new Promise<void>((_resolve, reject) => (fail = reject)), Promise.resolve()];
  const group = new GroupConsumer(
    {
      consumer: () => {
        const consumer = new FakeConsumer(`dev.onex.${TOPIC}`);
        consumers.push(consumer);
        return consumer;
      },
    } as never,
    'group.heartbeats',
    { group: 'heartbeats', topics: [TOPIC], handle: () => outcomes.shift() ?? Promise.resolve() },
    new TopicNames('dev.onex'),
    pino({ level: 'silent' }),
    'this process',
  );
  group.start();
  await settled();
  const [old] = consumers as [FakeConsumer];
  const inHand = old.deliver(BATCH);
  old.crash({ payload: { error: new Error('gone'), restart: false } });
  await jest.advanceTimersByTimeAsync(1000);
  // The old one waits for its batch, and that fails.
  fail(new Error('the store is away'));
  await inHand;
  old.disconnected();
  await settled();
  const replacement = consumers[1];
  await replacement?.deliver(BATCH);
  expect(group.isPaused).toBe(false);
  expect(replacement?.paused).toEqual([]);
  expect(replacement?.committed).toEqual(['0:1']);
});
