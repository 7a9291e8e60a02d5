import { expect, it } from '@jest/globals';
import { Pace, roundMsAt, Rounds } from '../../src/runtime/kafka/pace.js';

it('makes nobody wait while the process has time, and the longer the less time it has', () => {
  expect([0, 0.2, 0.4, 0.65, 0.9, 1].map(roundMsAt)).toEqual([0, 0, 0, 15, 30, 30]);
  expect(new Pace().roundMs()).toBe(0);
});

it('sees that the process is busy', () => {
  const pace = new Pace();
  for (const end = performance.now() + 250; performance.now() < end;) JSON.stringify({});
  expect(pace.roundMs()).toBeGreaterThan(0);
});

it('has all batches of one fetch in one round', async () => {
  let ms = 0;
  const rounds = new Rounds(() => ms);
  expect(rounds.end()).toBeUndefined();
  ms = 5;
  const round = rounds.end();
  expect(round).toBeDefined();
  expect(rounds.end()).toBe(round);
  await round;
  expect(rounds.end()).not.toBe(round);
  await rounds.end();
});
