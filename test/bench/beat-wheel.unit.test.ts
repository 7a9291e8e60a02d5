import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BeatWheel } from '../../src/bench/load/beat-wheel.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `node-${index}`);

describe('the wheel of heartbeats', () => {
  it('gives every node once an interval, evenly, however often it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 180 }), { minLength: 1, maxLength: 50 }),
        (nodes, steps) => {
          const wheel = new BeatWheel(1000, 20, 0);
          wheel.add(ids(nodes));
          const beats: string[] = [...wheel.due(0)];
          let now = 0;
          for (const step of steps) beats.push(...wheel.due((now += step)));
          const slots = Math.floor(now / 20) + 1;
          const expected = Array.from({ length: slots }, (_, slot) => ids(nodes).filter((_id, index) => index % 50 === slot % 50)).flat(); // prettier-ignore
          expect(beats).toEqual(expected);
        },
      ),
    );
  });

  it('leaves out who fell silent, and takes nobody twice', () => {
    const wheel = new BeatWheel(100, 20, 0);
    wheel.add(['a', 'b', 'a']);
    wheel.silence(['a', 'unknown']);
    wheel.add(['c']);
    expect(wheel.size).toBe(2);
    expect([...wheel.due(99)].sort()).toEqual(['b', 'c']);
    expect([...wheel.due(199)].sort()).toEqual(['b', 'c']);
  });

  it('does not make up for a stall that was longer than an interval', () => {
    const wheel = new BeatWheel(100, 20, 0);
    wheel.add(ids(5));
    expect([...wheel.due(1_000_000)].sort()).toEqual(ids(5));
  });
});
