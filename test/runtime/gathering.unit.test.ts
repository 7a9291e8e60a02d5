import { describe, expect, it } from '@jest/globals';
import { Gathering } from '../../src/runtime/lanes/gathering.js';

/** Work that ends when the test says so. */
function byHand() {
  const batches: (readonly number[])[] = [];
  const ends: { done: () => void; fail: (error: Error) => void }[] = [];
  const gathering = new Gathering<number[]>(
    () => [],
    (content) =>
      new Promise((done, fail) => {
        batches.push(content);
        ends.push({ done, fail });
      }),
  );
  const settled: string[] = [];
  const add = (name: string, ...items: readonly number[]) => {
    const batch = gathering.add((content) => content.push(...items));
    void batch.done.then(
      () => settled.push(name),
      (error: unknown) => settled.push(`${name} failed: ${(error as Error).message}`),
    );
    return batch;
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { batches, settled, add, end: () => ends.at(-1)!, turn };
}

describe('gathering', () => {
  it('begins at once when nothing is under way', () => {
    const { batches, add } = byHand();
    add('a', 1, 2);
    expect(batches).toEqual([[1, 2]]);
  });

  it('makes one batch of what comes while one is worked on', async () => {
    const { batches, settled, add, end, turn } = byHand();
    add('a', 1);
    add('b', 2, 3);
    add('c', 4);
    expect(batches).toEqual([[1]]);
    end().done();
    await turn();
    expect([batches, settled]).toEqual([[[1], [2, 3, 4]], ['a']]);
    end().done();
    await turn();
    expect(settled).toEqual(['a', 'b', 'c']);
    add('d', 5);
    expect(batches.at(-1)).toEqual([5]);
  });

  it('fails what has gathered behind a batch that fails, without working on it, and goes on with what comes later', async () => {
    const { batches, settled, add, end, turn } = byHand();
    const first = add('a', 1);
    const behind = add('b', 2);
    expect([first.hasFailed, behind.hasFailed]).toEqual([false, false]);
    end().fail(new Error('away'));
    await turn();
    expect([first.hasFailed, behind.hasFailed]).toEqual([true, true]);
    expect(settled).toEqual(['a failed: away', 'b failed: away']);
    add('c', 3);
    end().done();
    await turn();
    expect([batches, settled.at(-1)]).toEqual([[[1], [3]], 'c']);
  });
});
