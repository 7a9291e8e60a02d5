import { describe, expect, it, jest } from '@jest/globals';
import { untilReady } from '../../src/client/readiness.js';

const signal = () => new AbortController().signal;

describe('readiness', () => {
  it('is asked for again until it is there', async () => {
    const answers = [() => false, () => { throw new Error('not yet'); }, () => Promise.resolve('yes')]; // prettier-ignore
    const check = jest.fn(() => answers.shift()?.());
    expect(await untilReady(check, 30_000, signal())).toEqual({ isReady: true });
    expect(check).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['nothing', undefined],
    ['true', true],
    ['null', null],
  ])('is there when the check gives %s', async (_, answer) => {
    expect(await untilReady(() => answer, null, signal())).toEqual({ isReady: true });
  });

  it('is not there in time, with the last reason', async () => {
    const never = untilReady(() => Promise.reject(new Error('the cache is cold')), 20, signal());
    expect(await never).toEqual({ isReady: false, reason: 'the cache is cold' });
  });

  it('is not waited for by a check that hangs, whose signal says that it is over', async () => {
    let asked: AbortSignal | undefined;
    const hanging = untilReady(({ signal: its }) => { asked = its; return new Promise(() => undefined); }, 20, signal()); // prettier-ignore
    expect(await hanging).toEqual({ isReady: false, reason: 'its check gave no answer' });
    expect(asked?.aborted).toBe(true);
  });

  it('ends with what it is for', async () => {
    const stay = new AbortController();
    const asking = untilReady(() => false, null, stay.signal);
    stay.abort();
    expect(await asking).toEqual({ isReady: false, reason: 'its check says false' });
    expect(await untilReady(() => true, null, stay.signal)).toMatchObject({ isReady: false });
  });
});
