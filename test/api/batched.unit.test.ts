import { describe, expect, it } from '@jest/globals';
import { Batched } from '../../src/api/read/batched.js';

/** A source whose reads are answered by hand, in order. */
function source() {
  const reads: { ids: readonly string[]; answer: (found: ReadonlyMap<string, string>) => void; fail: () => void }[] =
    [];
  let noticed = (): void => undefined;
  const batched = new Batched<string>(
    (ids) =>
      new Promise((resolve, reject) => {
        reads.push({ ids, answer: resolve, fail: () => reject(new Error('away')) });
        noticed();
      }),
  );
  const read = async (number: number) => {
    while (reads.length <= number) await new Promise<void>((resolve) => (noticed = resolve));
    return reads[number]!;
  };
  const all = (ids: readonly string[]) => new Map(ids.map((id) => [id, id.toUpperCase()]));
  return { batched, reads, read, all };
}

describe('reads by id', () => {
  it('of one turn share a statement, each id once', async () => {
    const { batched, read, all } = source();
    const found = Promise.all(['a', 'b', 'a', 'missing'].map((id) => batched.find(id)));
    const first = await read(0);
    expect(first.ids).toEqual(['a', 'b', 'missing']);
    first.answer(all(['a', 'b']));
    expect(await found).toEqual(['A', 'B', 'A', null]);
  });

  it('that come meanwhile go together with the next, the same id too: its answer has to be younger than its question', async () => {
    const { batched, reads, read, all } = source();
    const early = batched.find('a');
    const first = await read(0);
    const late = Promise.all([batched.find('a'), batched.find('b')]);
    await new Promise(setImmediate);
    expect(reads.length).toBe(1);
    first.answer(all(['a']));
    expect(await early).toBe('A');
    const second = await read(1);
    expect(second.ids).toEqual(['a', 'b']);
    second.answer(new Map([['a', 'younger']]));
    expect(await late).toEqual(['younger', null]);
  });

  it('are cut into statements of 200 ids', async () => {
    const { batched, read, all } = source();
    const ids = Array.from({ length: 450 }, (_, index) => `n-${index}`);
    const found = Promise.all(ids.map((id) => batched.find(id)));
    const sizes: number[] = [];
    for (const number of [0, 1, 2]) {
      const one = await read(number);
      sizes.push(one.ids.length);
      one.answer(all(one.ids));
    }
    expect([sizes, await found]).toEqual([[200, 200, 50], ids.map((id) => id.toUpperCase())]);
  });

  it('fail together, and the next are read again', async () => {
    const { batched, read, all } = source();
    const failing = Promise.allSettled([batched.find('a'), batched.find('b')]);
    (await read(0)).fail();
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = batched.find('a');
    (await read(1)).answer(all(['a']));
    expect(await again).toBe('A');
  });
});
