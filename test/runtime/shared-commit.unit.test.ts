import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { SharedCommit } from '../../src/runtime/lanes/shared-commit.js';
import { byHand, turn, type ByHand } from '../support/local-log.js';

const SHARES = 3;
const MAX_ITEMS = 6;
const MANY = 4;
const PATIENCE_MS = 40;

type Batch = { readonly items: readonly string[]; readonly shares: readonly number[]; readonly end: ByHand };

/** Batches that the test ends. */
function commits() {
  const begun: Batch[] = [];
  const commit = new SharedCommit<string, number>({
    ...{ shares: SHARES, maxItems: MAX_ITEMS, many: MANY, patienceMs: PATIENCE_MS },
    work: async (items, shares) => {
      const batch = { items, shares, end: byHand() };
      const number = begun.push(batch);
      await batch.end.promise;
      return number;
    },
  });
  return {
    begun,
    submit: (share: number, ...items: readonly string[]) => commit.submit(share, items),
    put: (share: number, ...items: readonly string[]) => commit.submit(share, items, true),
    commit,
  };
}

describe('a commit in shares', () => {
  it('takes what little waits in all shares as one batch', async () => {
    const { begun, submit } = commits();
    const all = [submit(0, 'a'), submit(1, 'b'), submit(2, 'c'), submit(1, 'd')];
    begun[0]?.end.resolve();
    await turn();
    begun[1]?.end.resolve();
    expect(await Promise.all(all)).toEqual([1, 2, 2, 2]);
    expect(begun.map(({ items, shares }) => [items.join(''), shares.join('')])).toEqual([
      ['a', '012'],
      ['bdc', '012'],
    ]);
  });

  it('lets each share go by itself where much waits, and comes together again', async () => {
    const { begun, submit } = commits();
    const all = [submit(0, 'a'), submit(0, 'b', 'c'), submit(1, 'd', 'e'), submit(2, 'f')];
    begun[0]?.end.resolve();
    await turn();
    expect(begun.slice(1).map(({ items }) => items.join(''))).toEqual(['bc', 'de', 'f']);
    all.push(submit(0, 'g'), submit(1, 'h'));
    begun[1]?.end.resolve();
    begun[2]?.end.resolve();
    await turn();
    expect(begun).toHaveLength(4);
    begun[3]?.end.resolve();
    await turn();
    expect(begun.slice(4).map(({ items, shares }) => [items.join(''), shares.join('')])).toEqual([['gh', '012']]);
    begun[4]?.end.resolve();
    await Promise.all(all);
  });

  it('forgets nobody beside a share in which much always waits', async () => {
    const { begun, submit } = commits();
    const much = (name: string) => submit(0, ...Array.from({ length: MANY }, (_, n) => `${name}${n}`));
    const all = [much('a'), much('b'), submit(1, 'x')];
    begun[0]?.end.resolve();
    await turn();
    // Whatever ended left several waiting together.
    expect(begun.map(({ items }) => items[0])).toEqual(['a0', 'b0', 'x']);
    all.push(much('c'), submit(2, 'y'), submit(1, 'z'));
    begun[1]?.end.resolve();
    await turn();
    expect(begun.map(({ items }) => items[0])).toEqual(['a0', 'b0', 'x', 'c0']);
    begun[2]?.end.resolve();
    await turn();
    expect(begun.slice(4).map(({ items }) => items[0])).toContain('y');
    for (let n = 3; n < begun.length; n += 1) {
      begun[n]?.end.resolve();
      await turn();
    }
    await Promise.all(all);
  });

  it('lets patient jobs go with the next one that is not, in the order of their share', async () => {
    const { begun, submit, put } = commits();
    const all = [put(0, 'a'), put(1, 'b')];
    await turn();
    expect(begun).toEqual([]);
    all.push(submit(1, 'c'));
    expect(begun.map(({ items }) => items.join(''))).toEqual(['abc']);
    all.push(put(2, 'd'));
    begun[0]?.end.resolve();
    await turn();
    expect(begun).toHaveLength(1);
    all.push(submit(0, 'e'));
    begun[1]?.end.resolve();
    expect(await Promise.all(all)).toEqual([1, 1, 1, 2, 2]);
  });

  it('lets patient jobs go when they have waited for long enough', async () => {
    jest.useFakeTimers();
    try {
      const { begun, put } = commits();
      void put(0, 'a');
      jest.advanceTimersByTime(PATIENCE_MS - 1);
      void put(1, 'b');
      expect(begun).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(begun.map(({ items }) => items.join(''))).toEqual(['ab']);
      // Those who come while the batch is under way have their own time.
      void put(2, 'c');
      begun[0]?.end.resolve();
      await jest.advanceTimersByTimeAsync(PATIENCE_MS - 1);
      expect(begun).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(1);
      expect(begun.map(({ items }) => items.join(''))).toEqual(['ab', 'c']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('tells the jobs of a batch what stopped it, and goes on', async () => {
    const { begun, submit } = commits();
    const [first, second] = [submit(0, 'a'), submit(1, 'b')];
    begun[0]?.end.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    begun[1]?.end.resolve();
    expect(await second).toBe(2);
  });

  it('refuses a share that there is not', () => {
    expect(() => commits().submit(SHARES, 'a')).toThrow(new RangeError('there is no share 3'));
  });

  it('does all jobs once, those of a share in their order and never two at a time, whatever ends when', async () => {
    const size = fc.integer({ min: 1, max: MAX_ITEMS + 2 });
    const job = fc.record({ share: fc.nat(SHARES - 1), size, isPatient: fc.boolean() });
    const event = fc.oneof(job, fc.record({ end: fc.nat(5), fails: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        const { begun, put, submit, commit } = commits();
        const jobs: { share: number; items: string[]; settled: boolean }[] = [];
        const under: Batch[] = [];
        let seen = 0;
        const look = () => {
          for (const batch of begun.slice(seen)) {
            for (const share of batch.shares) expect(under.flatMap(({ shares }) => shares)).not.toContain(share);
            under.push(batch);
          }
          seen = begun.length;
        };
        const end = async (which: number, fails: boolean) => {
          const [batch] = under.splice(which % under.length, 1);
          if (fails) batch?.end.reject(new Error('away'));
          else batch?.end.resolve();
          await turn();
          look();
        };
        for (const happens of events) {
          if ('share' in happens) {
            const { share, size, isPatient } = happens;
            const items = Array.from({ length: size }, (_, n) => `${share}:${jobs.length}.${n}`);
            const one = { share, items, settled: false };
            jobs.push(one);
            const settle = () => (one.settled = true);
            void (isPatient ? put : submit)(share, ...items).then(settle, settle);
            look();
          } else if (under.length > 0) await end(happens.end, happens.fails);
        }
        while (under.length > 0 || commit.longestBacklog > 0) {
          // Whoever is still patient goes with this one.
          if (under.length === 0) void submit(0, 'last');
          look();
          await end(0, false);
        }
        expect(jobs.every(({ settled }) => settled)).toBe(true);
        expect(commit.longestBacklog).toBe(0);
        for (let share = 0; share < SHARES; share += 1) {
          const wanted = jobs.filter((one) => one.share === share).flatMap(({ items }) => items);
          const done = begun.flatMap(({ items }) => items).filter((item) => item.startsWith(`${share}:`));
          expect(done).toEqual(wanted);
        }
        for (const { items } of begun) {
          const whole = new Set(items.map((item) => item.split('.')[0])).size;
          expect(items.length <= MAX_ITEMS || whole === 1).toBe(true);
        }
      }),
    );
  });
});
