import { describe, expect, it } from '@jest/globals';
import { Watch, type WatchOptions } from '../../src/runtime/deadlines/watch.js';
import { SLOT_MS } from '../../src/runtime/deadlines/wheel.js';
import type { DeadlineStore } from '../../src/runtime/journal/deadline-store.js';
import type { Look, LookAhead, Upcoming } from '../../src/runtime/journal/look-ahead.js';

/** The database's clock is so far ahead of ours. */
const SKEW_MS = 1_000_000;

function bench(options: Partial<WatchOptions> = {}) {
  let now = 0;
  const asked: LookAhead[] = [];
  const answer: { upcoming: readonly Upcoming[]; shortestMs: number | null; tookMs: number } = {
    upcoming: [],
    shortestMs: null,
    tookMs: 0,
  };
  const store = {
    lookAhead: (question: LookAhead): Promise<Look> => {
      asked.push(question);
      now += answer.tookMs;
      const { upcoming, shortestMs } = answer;
      return Promise.resolve({ clock: now + SKEW_MS, armed: 50, shortestMs, expired: 3, upcoming });
    },
  } as unknown as DeadlineStore;
  const watch = new Watch(
    { kinds: ['liveness'], shortestMs: 4000, intervalMs: 100, remainingShare: 0.3, recentMs: 4000, ...options },
    () => now,
  );
  return {
    watch,
    asked,
    answer,
    pass: (ms: number) => (now += ms),
    look: () => watch.look(store),
    takenIds: (armedForMs = Infinity) => watch.take(armedForMs).map(({ nodeId }) => nodeId),
  };
}

const due = (nodeId: string, inMs: number, afterMs = 4000): Upcoming => ({ nodeId, at: SKEW_MS + inMs, afterMs });

describe('a watch', () => {
  it('looks at the beginning, and then a quarter of the shortest time later; further than to the next look', async () => {
    const { watch, asked, look, pass } = bench();
    expect(watch.isLookDue).toBe(true);
    await look();
    expect(asked).toEqual([{ kinds: ['liveness'], aheadMs: 1250, remainingShare: 0.3, recentMs: 4000 }]);
    expect([watch.isLookDue, watch.nextAt]).toEqual([false, 1000]);
    pass(999);
    expect(watch.isLookDue).toBe(false);
    pass(1);
    expect(watch.isLookDue).toBe(true);
  });

  it.each([
    ['of a row that was armed for less than what is configured', { shortestMs: 800 }, {}, 200],
    ['of what is configured, where rows have more', { shortestMs: 90_000 }, {}, 1000],
    ['at the interval at most', { shortestMs: 80 }, {}, 100],
    ['every 10 s at least', {}, { shortestMs: 3_600_000 }, 10_000],
    ['twenty times as long as it took', { tookMs: 100 }, {}, 2000],
    ['every 10 s at least, however long it took', { tookMs: 60_000 }, {}, 10_000],
  ])('looks again by the time %s', async (_, answered, options, everyMs) => {
    const { watch, answer, look } = bench(options);
    Object.assign(answer, answered);
    await look();
    await look();
    expect(watch.nextAt).toBe(answer.tookMs + everyMs);
  });

  it('looks sooner where it finds shorter deadlines than it knew of, and never later than it has seen', async () => {
    const { watch, answer, look } = bench();
    Object.assign(answer, { shortestMs: 800, tookMs: 100 });
    await look();
    expect(watch.nextAt).toBe(1000);
    answer.tookMs = 1;
    await look();
    expect(watch.nextAt).toBe(100 + 200);
  });

  it('gives each when its time has come by the database’s clock, in its order', async () => {
    const { watch, answer, look, pass, takenIds } = bench();
    answer.upcoming = [due('third', 700), due('first', -5000), due('second', 300), due('beyond', 1200)];
    await look();
    expect(takenIds()).toEqual(['first']);
    expect(watch.nextAt).toBe(300);
    pass(300 + SLOT_MS);
    expect(takenIds()).toEqual(['second']);
    pass(400);
    expect([takenIds(), takenIds()]).toEqual([['third'], []]);
  });

  it('is never early where a look takes long', async () => {
    const { answer, look, pass, takenIds } = bench();
    answer.tookMs = 150;
    answer.upcoming = [due('a', 350)];
    await look();
    pass(199);
    expect(takenIds()).toEqual([]);
    pass(1 + SLOT_MS);
    expect(takenIds()).toEqual(['a']);
  });

  it('keeps whom it may not let go yet: by the time that he was armed for, or because he was put back', async () => {
    const { watch, answer, look, takenIds } = bench();
    answer.upcoming = [due('short', -1000, 2000), due('long', -1000, 4000)];
    await look();
    const taken = watch.take(2000);
    expect([taken.map(({ nodeId }) => nodeId), watch.isWaiting]).toEqual([['short'], true]);
    watch.putBack(taken);
    expect([takenIds(4000), watch.isWaiting]).toEqual([['short', 'long'], false]);
  });

  it('knows nothing but what the last look has found', async () => {
    const { watch, answer, look, takenIds } = bench();
    answer.upcoming = [due('a', -1000, 9000)];
    await look();
    expect([takenIds(10), watch.isWaiting]).toEqual([[], true]);
    answer.upcoming = [due('b', -1000)];
    await look();
    expect(takenIds()).toEqual(['b']);
    answer.upcoming = [due('c', -1000)];
    await look();
    watch.forget();
    expect([takenIds(), watch.isLookDue]).toEqual([[], true]);
  });

  it('tells the most that can be silent, as long as its look reaches', async () => {
    const { watch, answer, look, pass } = bench();
    expect(watch.silenceAtMost).toBeNull();
    answer.upcoming = [due('a', -1000), due('b', 2000)];
    await look();
    expect(watch.silenceAtMost).toEqual({ live: 50, silent: 2, expired: 3 });
    watch.note(2);
    watch.take(Infinity);
    pass(1250);
    expect(watch.silenceAtMost).toEqual({ live: 50, silent: 2, expired: 5 });
    pass(1);
    expect(watch.silenceAtMost).toBeNull();
    await look();
    expect(watch.silenceAtMost).toEqual({ live: 50, silent: 2, expired: 3 });
  });

  it('does not tell where somebody who has spoken since may count as silent already', async () => {
    const { watch, look, pass } = bench({ remainingShare: 0.75 });
    await look();
    pass(1000);
    expect(watch.silenceAtMost).not.toBeNull();
    pass(1);
    expect(watch.silenceAtMost).toBeNull();
  });
});
