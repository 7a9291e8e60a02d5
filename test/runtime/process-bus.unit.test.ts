import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Activity } from '../../src/runtime/activity.js';
import { BusUnavailable } from '../../src/runtime/bus.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { createBus } from '../../src/runtime/process-bus.js';

const RECORDS: readonly OutgoingRecord[] = [{ topic: 'cmd.register-node.v1', key: 'node-1', value: '{}', headers: {} }];
const WITHIN_MS = 5000;

describe('the log for callers who do not wait', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('takes records, and leaves no timer behind', async () => {
    const taken: OutgoingRecord[] = [];
    const bus = createBus((records) => {
      taken.push(...records);
      return Promise.resolve([]);
    }, new Activity());
    await bus.publish(RECORDS);
    expect(taken).toEqual(RECORDS);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says why it does not take them', async () => {
    const cause = new Error('no broker at 10.0.0.1');
    const bus = createBus(() => Promise.reject(cause), new Activity());
    const failure = bus.publish(RECORDS);
    await expect(failure).rejects.toBeInstanceOf(BusUnavailable);
    await expect(failure).rejects.toMatchObject({
      message: 'the log does not take messages: no broker at 10.0.0.1',
      cause,
    });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives up on a log that does not answer, and what comes of it later troubles nobody', async () => {
    let fail = (_error: Error): void => undefined;
    const bus = createBus(() => new Promise((_resolve, reject) => (fail = reject)), new Activity());
    const failure = expect(bus.publish(RECORDS)).rejects.toMatchObject({
      name: 'BusUnavailable',
      message: `the log does not take messages: no answer within ${WITHIN_MS} ms`,
    });
    await jest.advanceTimersByTimeAsync(WITHIN_MS);
    await failure;
    fail(new Error('too late'));
  });

  it('passes followers on to the activity', () => {
    const activity = new Activity();
    const told: string[] = [];
    const bus = createBus(() => Promise.resolve([]), activity);
    const leave = bus.follow({ heard: () => undefined, decided: (ids) => told.push(...ids), missed: () => undefined });
    activity.decided(['a']);
    leave();
    activity.decided(['b']);
    expect(told).toEqual(['a']);
  });
});
