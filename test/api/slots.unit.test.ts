import { expect, it } from '@jest/globals';
import { Slots } from '../../src/api/read/slots.js';

it('does no more at once than there is room for, and all of it, in order, whatever fails', async () => {
  const slots = new Slots(2);
  let running = 0;
  const most: number[] = [];
  const order: number[] = [];
  const work = (index: number) => async () => {
    running += 1;
    most.push(running);
    order.push(index);
    await new Promise((resolve) => setTimeout(resolve, index % 3));
    running -= 1;
    if (index % 4 === 0) throw new Error('no');
    return index;
  };
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => slots.run(work(index))));
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5);
  expect([Math.max(...most), running, order]).toEqual([2, 0, Array.from({ length: 20 }, (_, index) => index)]);
});

it('refuses work for which it would have no room in time', async () => {
  const slots = new Slots(1);
  let finish: () => void = () => undefined;
  const first = slots.run(() => new Promise<void>((resolve) => (finish = resolve)));
  const waiting = Array.from({ length: 200 }, () => slots.run(() => Promise.resolve()));
  await expect(slots.run(() => Promise.resolve())).rejects.toThrow('too many reads');
  finish();
  await Promise.all([first, ...waiting]);
  await slots.run(() => Promise.resolve());
});
