import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { GroupConsumer } from '../../src/runtime/kafka/group-consumer.js';

type Batch = { readonly topic: string; readonly partition: number; readonly messages: readonly object[] };
type EachBatch = (payload: object) => Promise<void>;

const TOPIC = 'evt.node-heartbeat.v1';

/** A consumer whose deliveries, crashes and end the test decides. */
class FakeConsumer {
  readonly events = { GROUP_JOIN: 'join', CRASH: 'crash' };
  readonly calls: string[] = [];
  crash: (event: object) => void = () => undefined;
  disconnected: () => void = () => undefined;
  private eachBatch: EachBatch = () => Promise.resolve();

  on(event: string, listener: (event: object) => void): void {
    if (event === 'crash') this.crash = listener;
  }

  connect = () => Promise.resolve();
  subscribe = () => Promise.resolve();
  pause = () => this.calls.push('pause');
  resume = () => this.calls.push('resume');
  disconnect = () => new Promise<void>((resolve) => (this.disconnected = resolve));

  run({ eachBatch }: { readonly eachBatch: EachBatch }): Promise<void> {
    this.eachBatch = eachBatch;
    return Promise.resolve();
  }

  deliver(): Promise<void> {
    const batch: Batch = { topic: `dev.onex.${TOPIC}`, partition: 0, messages: [] };
    return this.eachBatch({
      batch: { ...batch, lastOffset: () => '0' },
      isStale: () => false,
      isRunning: () => true,
      heartbeat: () => Promise.resolve(),
      resolveOffset: () => undefined,
      uncommittedOffsets: () => ({ topics: [] }),
      commitOffsetsIfNecessary: () => Promise.resolve(this.calls.push('commit')),
    });
  }
}

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
        const consumer = new FakeConsumer();
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
  const inHand = old.deliver();
  old.crash({ payload: { error: new Error('gone'), restart: false } });
  await jest.advanceTimersByTimeAsync(1000);
  // The old one waits for its batch, and that fails.
  fail(new Error('the store is away'));
  await inHand;
  old.disconnected();
  await settled();
  const replacement = consumers[1];
  await replacement?.deliver();
  expect(group.isPaused).toBe(false);
  expect(replacement?.calls).toEqual(['commit']);
});
