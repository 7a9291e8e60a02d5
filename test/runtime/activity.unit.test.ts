import { describe, expect, it } from '@jest/globals';
import { ACTIVITY_TOPICS } from '../../src/messages/index.js';
import { Activity } from '../../src/runtime/activity.js';
import type { Follower } from '../../src/runtime/bus.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';

const RECORDS = [{ offset: '1' }, { offset: '2' }] as unknown as readonly LogRecord[];

function writing(what: string[]): Follower {
  return {
    heard: (records) => what.push(`heard ${records.map(({ offset }) => offset).join()}`),
    decided: (nodeIds) => what.push(`decided ${nodeIds.join()}`),
    missed: () => what.push('missed'),
  };
}

describe('activity', () => {
  it('taps the topics that tell of nodes', () => {
    expect(new Activity().topics).toBe(ACTIVITY_TOPICS);
  });

  it('is told to every follower, in order, from when it follows until it has enough', () => {
    const activity = new Activity();
    const [first, second]: [string[], string[]] = [[], []];
    activity.heard(RECORDS);
    const leave = activity.follow(writing(first));
    activity.follow(writing(second));
    activity.heard(RECORDS);
    activity.decided(['a', 'b']);
    leave();
    leave();
    activity.missed();
    expect(first).toEqual(['heard 1,2', 'decided a,b']);
    expect(second).toEqual(['heard 1,2', 'decided a,b', 'missed']);
  });

  it('of nobody is not told', () => {
    const told: string[] = [];
    const activity = new Activity();
    activity.follow(writing(told));
    activity.decided([]);
    expect(told).toEqual([]);
  });

  it('tells from when nobody listens until somebody does', async () => {
    const activity = new Activity();
    const atFirst = activity.silence();
    const leave = activity.follow(writing([]));
    const leaveToo = activity.follow(writing([]));
    await expect(atFirst).resolves.toBeUndefined();
    leave();
    expect(activity.silence()).toBeUndefined();
    leaveToo();
    const after = activity.silence();
    leave();
    expect(activity.silence()).toBe(after);
    activity.follow(writing([]));
    await expect(after).resolves.toBeUndefined();
    expect(activity.silence()).toBeUndefined();
  });

  it('reaches the others when one leaves while it is told', () => {
    const activity = new Activity();
    const told: string[] = [];
    const leave = activity.follow({ ...writing([]), missed: () => leave() });
    activity.follow(writing(told));
    activity.missed();
    expect(told).toEqual(['missed']);
  });
});
