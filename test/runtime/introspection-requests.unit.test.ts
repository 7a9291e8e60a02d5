import { describe, expect, it } from '@jest/globals';
import { IntrospectionRequests } from '../../src/runtime/lanes/introspection-requests.js';

const PER_SECOND = 50;
const AGAIN_AFTER_MS = 60_000;

function requests() {
  let now = 1000;
  const bound = new IntrospectionRequests(() => now);
  return {
    bound,
    pass: (ms: number) => (now += ms),
    /** How many of so many new nodes are asked. */
    admitted: (count: number, name: string) =>
      Array.from({ length: count }, (_, n) => bound.admit(`${name}-${n}`)).filter(Boolean).length,
  };
}

describe('requests to introduce oneself', () => {
  it('go to a node once in a while', () => {
    const { bound, pass } = requests();
    expect(bound.admit('a')).toBe(true);
    expect(bound.admit('a')).toBe(false);
    pass(AGAIN_AFTER_MS - 1);
    expect(bound.admit('a')).toBe(false);
    pass(1);
    expect(bound.admit('a')).toBe(true);
    expect(bound.admit('a')).toBe(false);
  });

  it('are so many a second for all nodes together, saved up for one second at most', () => {
    const { admitted, pass } = requests();
    expect(admitted(1000, 'first')).toBe(PER_SECOND);
    pass(100);
    expect(admitted(1000, 'second')).toBe(PER_SECOND / 10);
    pass(10_000);
    expect(admitted(1000, 'third')).toBe(PER_SECOND);
  });

  it('that were refused for the rate are not counted as asked', () => {
    const { bound, admitted, pass } = requests();
    admitted(PER_SECOND, 'others');
    expect(bound.admit('a')).toBe(false);
    pass(1000);
    expect(bound.admit('a')).toBe(true);
  });

  it('that were withdrawn can be made again, and no more of them than before', () => {
    const { bound, admitted } = requests();
    expect(admitted(PER_SECOND, 'node')).toBe(PER_SECOND);
    bound.withdraw(['node-1', 'node-2', 'never-asked']);
    expect(bound.admit('node-1')).toBe(true);
    expect(bound.admit('node-2')).toBe(true);
    expect(bound.admit('node-3')).toBe(false);
    expect(bound.admit('new')).toBe(false);
  });
});
