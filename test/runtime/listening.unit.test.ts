import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Listening } from '../../src/runtime/deadlines/listening.js';
import type { Progress } from '../../src/runtime/transport.js';

const EVERY_MS = 1000;
/** Looks may be late, up to this. */
const LATEST_MS = 5000;
/** Consumers may be behind, up to this. */
const BEHIND_MS = 3000;

/** A listener with a clock in hand. Offsets of a partition as `[committed, end]`. */
function listener() {
  let now = 7000;
  const listening = new Listening(EVERY_MS, BEHIND_MS, () => now);
  const look = (...partitions: readonly (readonly [committed: number, end: number])[]): void =>
    listening.look(
      partitions.map(([committed, end], partition): Progress => ({
        partition,
        committed: BigInt(committed),
        end: BigInt(end),
      })),
    );
  return {
    look,
    fail: () => listening.look(null),
    pass: (ms: number) => (now += ms),
    /** What one look after another says, a second apart; gives how long was heard after each. */
    looks: (...looks: readonly (readonly [number, number][] | null)[]) =>
      looks.map((partitions) => {
        now += EVERY_MS;
        if (partitions === null) listening.look(null);
        else look(...partitions);
        return listening.heardForMs;
      }),
    heard: () => listening.heardForMs,
  };
}

describe('listening', () => {
  it('has heard nothing before the consumers are seen to have read what an earlier look found', () => {
    const { heard, looks } = listener();
    expect(heard()).toBe(0);
    expect(looks([[5, 5]], [[5, 5]], [[5, 5]], [[5, 5]])).toEqual([0, 0, 1000, 2000]);
  });

  it('goes on under steady traffic, whose end is always ahead of what is committed', () => {
    const { looks } = listener();
    expect(looks([[0, 10]], [[12, 20]], [[20, 30]], [[31, 40]])).toEqual([0, 0, 1000, 2000]);
  });

  it('blames nobody while one partition of several is behind the end of the look before, and goes on from there', () => {
    const { looks } = listener();
    const other: [number, number] = [1, 1];
    expect(
      looks([other, [1, 1]], [other, [1, 1]], [other, [1, 1]], [other, [1, 9]], [other, [8, 9]], [other, [9, 9]]),
    ).toEqual([0, 0, 1000, 2000, 0, 4000]);
  });

  it('begins anew when the consumers are behind for long', () => {
    const { looks } = listener();
    expect(looks([[1, 1]], [[1, 1]], [[1, 9]], [[2, 9]], [[3, 9]], [[4, 9]], [[9, 9]])).toEqual([
      0, 0, 1000, 0, 0, 0, 5000,
    ]);
    expect(looks([[9, 20]], [[10, 20]], [[11, 20]], [[12, 20]], [[13, 20]], [[20, 20]], [[20, 20]])).toEqual([
      6000, 0, 0, 0, 0, 0, 1000,
    ]);
  });

  it('begins anew when a look fails, and not before two that do not', () => {
    const { looks } = listener();
    expect(looks([[1, 1]], [[1, 1]], [[1, 1]], null, [[1, 1]], [[1, 1]], [[1, 1]])).toEqual([
      0, 0, 1000, 0, 0, 0, 1000,
    ]);
  });

  it('hears nothing while the topic has no partitions', () => {
    expect(listener().looks([], [], [])).toEqual([0, 0, 0]);
    expect(listener().looks([], [[1, 1]], [[1, 1]], [[1, 1]])).toEqual([0, 0, 0, 1000]);
  });

  it('begins anew when nothing is told of a partition any more; a new one is no fault', () => {
    const both: [number, number][] = [
      [1, 1],
      [1, 1],
    ];
    expect(listener().looks(both, both, both, [[1, 1]])).toEqual([0, 0, 1000, 0]);
    expect(listener().looks([[1, 1]], [[1, 1]], both, both)).toEqual([0, 0, 1000, 2000]);
  });

  it('begins anew when a look is overdue: the process was stopped', () => {
    const { heard, looks, pass } = listener();
    expect(looks([[1, 1]], [[1, 1]], [[1, 1]])).toEqual([0, 0, 1000]);
    pass(LATEST_MS);
    expect(heard()).toBe(1000);
    pass(1);
    expect(heard()).toBe(0);
    expect(looks([[1, 1]], [[1, 1]], [[1, 1]])).toEqual([0, 0, 1000]);
  });

  it('bridges looks that come late, within reason', () => {
    const { look, heard, pass } = listener();
    for (let n = 0; n < 4; n++) {
      look([1, 1]);
      pass(LATEST_MS);
    }
    expect(heard()).toBe(2 * LATEST_MS);
  });

  it('never tells of more than the time since the last fault, nor of time after the last look', () => {
    const turn = fc.record({
      passMs: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 1, max: LATEST_MS }) },
        { arbitrary: fc.integer({ min: 1, max: 20_000 }), weight: 1 },
      ),
      look: fc.oneof(
        { weight: 6, arbitrary: fc.constant('good') },
        { weight: 1, arbitrary: fc.constantFrom('failed', 'behind') },
      ),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const { look, fail, heard, pass } = listener();
        let end = 0;
        // The plain model: how long ago looks in a row without a fault were, and the last of them that was not behind.
        let row: number[] = [];
        let good = 0;
        let isBehind = false;
        for (const { passMs, look: outcome } of turns) {
          pass(passMs);
          if (passMs > LATEST_MS) row = [];
          row = row.map((ago) => ago + passMs);
          good += passMs;
          end += 10;
          isBehind = outcome === 'behind' && row.length > 0;
          if (outcome === 'failed') fail();
          else if (isBehind) look([end - 11, end]);
          else look([end - 10, end]);
          if (outcome === 'failed') row = [];
          else if (!isBehind) row.push(0);
          else if (row.length < 2 || good > BEHIND_MS) row = [0];
          if (!isBehind) good = 0;
          expect(heard()).toBe(isBehind || row.length < 2 ? 0 : row[1]);
        }
      }),
    );
  });
});
