import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { HealthRegistry } from '../../src/runtime/index.js';

/** As in the registry. */
const TIMEOUT_MS = 3000;

let health: HealthRegistry;

beforeEach(() => {
  jest.useFakeTimers();
  health = new HealthRegistry();
});
afterEach(() => {
  health.close();
  jest.useRealTimers();
});

it('a component that does not answer in time is lost', async () => {
  health.register({ name: 'postgres', critical: true, check: () => new Promise(() => undefined) });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(health.health()).toMatchObject({
    status: 'unhealthy',
    components: { postgres: { message: expect.stringContaining('postgres did not answer within 3000 ms') } },
  });
});

it('a time-out that was held up with the whole process is no word of the component', async () => {
  const { promise, resolve } = withResolvers();
  health.register({ name: 'postgres', critical: true, check: () => promise });
  stall(TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(health.health().components['postgres']?.message).toBe('not checked yet');
  resolve({});
  await jest.advanceTimersByTimeAsync(0);
  expect(health.health().status).toBe('healthy');
});

it('after that it has its time once more, and no longer, also in a process that is always late', async () => {
  health.register({ name: 'postgres', critical: true, check: () => new Promise(() => undefined) });
  stall(TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(health.health().components['postgres']?.message).toBe('not checked yet');
  stall(2 * TIMEOUT_MS);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(health.health().components['postgres']?.message).toContain('postgres did not answer within 3000 ms');
});

/** The clock is ahead of the timers by so many milliseconds. */
function stall(forMs: number): void {
  jest.restoreAllMocks();
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + forMs);
}

function withResolvers() {
  let resolve: (answer: object) => void = () => undefined;
  const promise = new Promise<object>((settle) => (resolve = settle));
  return { promise, resolve };
}
