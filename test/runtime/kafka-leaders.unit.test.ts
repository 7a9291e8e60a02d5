import { describe, expect, it, jest } from '@jest/globals';
import { errorType, onceLed } from '../../src/runtime/kafka/leaders.js';

function refusal(type: string): Error {
  return Object.assign(new Error(type), { type });
}

describe('work that needs the leaders of partitions', () => {
  it('is done again until there are leaders', async () => {
    const work = jest
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(refusal('NOT_LEADER_FOR_PARTITION'))
      .mockRejectedValueOnce(new Error('tried five times', { cause: refusal('LEADER_NOT_AVAILABLE') }))
      .mockResolvedValue('done');
    await expect(onceLed(work, 60_000)).resolves.toBe('done');
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('is given up with what the broker said', async () => {
    const work = () => Promise.reject(refusal('NOT_LEADER_FOR_PARTITION'));
    await expect(onceLed(work, 0)).rejects.toThrow('NOT_LEADER_FOR_PARTITION');
  });

  it('is not done again for anything else', async () => {
    const work = jest.fn(() => Promise.reject(refusal('TOPIC_AUTHORIZATION_FAILED')));
    await expect(onceLed(work, 60_000)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
    expect(work).toHaveBeenCalledTimes(1);
  });
});

it.each<[unknown, string]>([
  [refusal('INVALID_CONFIG'), 'INVALID_CONFIG'],
  [new Error('outer', { cause: refusal('INVALID_CONFIG') }), 'INVALID_CONFIG'],
  [new Error('something else'), ''],
  ['no error at all', ''],
])('names the error of Kafka that is in %s', (error, type) => {
  expect(errorType(error)).toBe(type);
});
