import { describe, expect, it } from '@jest/globals';
import { GroupCommit } from '../../src/runtime/lanes/group-commit.js';

/** Work that ends when the test says so. */
function byHand(maxItems = 100) {
  const batches: (readonly number[])[] = [];
  const ends: { done: () => void; fail: (error: Error) => void }[] = [];
  const commits = new GroupCommit<number>(
    (items) =>
      new Promise((done, fail) => {
        batches.push(items);
        ends.push({ done, fail });
      }),
    maxItems,
  );
  const settled: string[] = [];
  const submit = (name: string, ...items: readonly number[]) =>
    commits.submit(items).then(
      () => settled.push(name),
      (error: unknown) => settled.push(`${name} failed: ${(error as Error).message}`),
    );
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { batches, settled, submit, end: () => ends.at(-1)!, turn, backlog: () => commits.backlog };
}

describe('GroupCommit', () => {
  it('begins at once when nothing is under way', () => {
    const { batches, submit } = byHand();
    void submit('a', 1, 2);
    expect(batches).toEqual([[1, 2]]);
  });

  it('gathers what comes while it works, in order, and resolves all that went together', async () => {
    const { batches, settled, submit, end, turn } = byHand();
    void submit('a', 1);
    void submit('b', 2, 3);
    void submit('c', 4);
    expect(batches).toEqual([[1]]);
    end().done();
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    expect(settled).toEqual(['a']);
    end().done();
    await turn();
    expect(settled).toEqual(['a', 'b', 'c']);
  });

  it('never works on two batches at a time', async () => {
    let atOnce = 0;
    let most = 0;
    const commits = new GroupCommit<number>(async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
    }, 2);
    await Promise.all(Array.from({ length: 20 }, (_, index) => commits.submit([index])));
    expect(most).toBe(1);
  });

  it('rejects all that went together with what stopped them, and goes on with the next', async () => {
    const { batches, settled, submit, end, turn } = byHand();
    void submit('a', 1);
    void submit('b', 2);
    void submit('c', 3);
    end().done();
    await turn();
    void submit('d', 4);
    end().fail(new Error('the database is gone'));
    await turn();
    expect(settled).toEqual(['a', 'b failed: the database is gone', 'c failed: the database is gone']);
    expect(batches.at(-1)).toEqual([4]);
    end().done();
    await turn();
    expect(settled.at(-1)).toBe('d');
    void submit('e', 5);
    expect(batches.at(-1)).toEqual([5]);
  });

  it('tells how many wait, those that are worked on not among them', async () => {
    const { submit, end, turn, backlog } = byHand();
    expect(backlog()).toBe(0);
    void submit('a', 1, 2);
    expect(backlog()).toBe(0);
    void submit('b', 3);
    void submit('c', 4, 5);
    expect(backlog()).toBe(3);
    end().done();
    await turn();
    expect(backlog()).toBe(0);
  });

  it('gives what came of the work to all that went together', async () => {
    const commits = new GroupCommit<number, number>((items) => Promise.resolve(items.length), 10);
    expect(await Promise.all([commits.submit([1]), commits.submit([2, 3]), commits.submit([4])])).toEqual([1, 3, 3]);
  });

  it('ends a job that has nothing in it, too', async () => {
    const commits = new GroupCommit<number, number>((items) => Promise.resolve(items.length), 10);
    expect(await Promise.all([commits.submit([]), commits.submit([1]), commits.submit([])])).toEqual([0, 1, 1]);
  });

  it('survives work that throws before it waits', async () => {
    let calls = 0;
    const commits = new GroupCommit<number>(() => {
      if (calls++ === 0) throw new Error('at once');
      return Promise.resolve();
    }, 10);
    await expect(commits.submit([1])).rejects.toThrow('at once');
    await expect(commits.submit([2])).resolves.toBeUndefined();
  });

  it('keeps to the most items, splits no job, and takes one that is larger alone', async () => {
    const { batches, submit, end, turn } = byHand(4);
    for (const job of [[0], [1, 2], [3, 4], [5], [6, 7, 8, 9, 10], [11]]) void submit('', ...job);
    for (let times = 0; times < 5; times++) {
      end().done();
      await turn();
    }
    expect(batches).toEqual([[0], [1, 2, 3, 4], [5], [6, 7, 8, 9, 10], [11]]);
  });
});
