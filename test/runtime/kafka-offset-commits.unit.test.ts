import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { OffsetCommits } from '../../src/runtime/kafka/offset-commits.js';

/** A group whose offsets are numbers: what is resolved, and what each commit carried. */
function group() {
  let resolved = 0;
  const sent: number[] = [];
  const answers: { done: () => void; fail: (error: Error) => void }[] = [];
  const failures: unknown[] = [];
  const commits = new OffsetCommits((error) => failures.push(error));
  const offsets = {
    uncommittedOffsets: () => ({ topics: [{ topic: 't', partitions: [{ partition: 0, offset: String(resolved) }] }] }),
    commitOffsetsIfNecessary: () =>
      new Promise<void>((done, fail) => {
        sent.push(resolved);
        answers.push({ done, fail });
      }),
  };
  const resolve = (): void => {
    resolved += 1;
    commits.add(offsets);
  };
  const answer = async (): Promise<void> => {
    answers.at(-1)?.done();
    await jest.advanceTimersByTimeAsync(0);
  };
  return { commits, resolve, sent, answers, answer, failures };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('commits at once after a pause', async () => {
  const { resolve, sent, answer } = group();
  resolve();
  expect(sent).toEqual([1]);
  await answer();
  await jest.advanceTimersByTimeAsync(1000);
  resolve();
  expect(sent).toEqual([1, 2]);
});

it('has one request in flight, and carries what is resolved within the interval together', async () => {
  const { resolve, sent, answer } = group();
  resolve();
  resolve();
  resolve();
  await jest.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual([1]);
  await answer();
  resolve();
  await jest.advanceTimersByTimeAsync(199);
  expect(sent).toEqual([1]);
  await jest.advanceTimersByTimeAsync(1);
  expect(sent).toEqual([1, 4]);
  await answer();
  await jest.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([1, 4]);
});

it('waits with a flush for the commit under way, and commits what it did not carry', async () => {
  const { commits, resolve, sent, answer } = group();
  resolve();
  resolve();
  let flushed = false;
  void commits.flush().then(() => (flushed = true));
  await answer();
  expect([sent, flushed]).toEqual([[1, 2], false]);
  await answer();
  expect(flushed).toBe(true);
  await commits.flush();
  expect(sent).toEqual([1, 2]);
});

it('reports a failure, and tries again', async () => {
  const { resolve, sent, answers, failures } = group();
  resolve();
  answers[0]?.fail(new Error('the coordinator moves'));
  await jest.advanceTimersByTimeAsync(999);
  expect([failures, sent]).toEqual([[new Error('the coordinator moves')], [1]]);
  await jest.advanceTimersByTimeAsync(1);
  expect(sent).toEqual([1, 1]);
});

it('commits nothing after its end, and does not take up again what failed', async () => {
  const { commits, resolve, sent, answers } = group();
  resolve();
  resolve();
  commits.end();
  answers[0]?.fail(new Error('fenced'));
  resolve();
  await jest.advanceTimersByTimeAsync(5000);
  await commits.flush();
  expect(sent).toEqual([1]);
});
