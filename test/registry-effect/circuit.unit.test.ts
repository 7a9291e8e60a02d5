import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BackendUnavailable, type BreakerState } from '../../src/registry-effect/index.js';
import { BackendFault } from '../../src/registry-effect/resilience/backend-fault.js';
import { createCircuit } from '../../src/registry-effect/resilience/circuit.js';
import { withDefaults } from '../../src/registry-effect/resilience/resilience-options.js';

const down = async (): Promise<never> => {
  throw new BackendFault('CONSUL_CONNECTION_ERROR', new Error('connect ECONNREFUSED'));
};
const denied = async (): Promise<never> => {
  throw new BackendFault('CONSUL_AUTH_ERROR', new Error('token: hunter22 refused'));
};
const up = async (): Promise<string> => 'done';

function newCircuit() {
  const states: BreakerState[] = [];
  const errors: string[] = [];
  const circuit = createCircuit(
    withDefaults({
      retryBaseMs: 1,
      onBreakerChange: (state) => states.push(state),
      onError: (code, message) => errors.push(`${code} ${message}`),
    }),
  );
  const fail = (attempt: () => Promise<unknown> = down): Promise<BackendUnavailable> =>
    circuit.run(attempt).then(
      () => Promise.reject(new Error('should have failed')),
      (error: BackendUnavailable) => error,
    );
  return { circuit, states, errors, fail };
}

/** Only the clock is faked: what waits for a timer really waits (a few milliseconds). */
const REAL = ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance'] as const;

describe('the circuit', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_000_000, doNotFake: [...REAL] }));
  afterEach(() => void jest.useRealTimers());

  it('tries three times, then asks the caller to come again in a second', async () => {
    const { circuit, fail, errors, states } = newCircuit();
    const attempt = jest.fn(down);
    const error = await fail(attempt);
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR', retryAfterMs: 1_000 });
    expect(attempt).toHaveBeenCalledTimes(3);
    expect(errors).toEqual(Array(3).fill('CONSUL_CONNECTION_ERROR connect ECONNREFUSED'));
    expect([circuit.state(), states]).toEqual(['closed', []]);
  });

  it('succeeds when a later try does', async () => {
    const { circuit } = newCircuit();
    const attempt = jest.fn(up).mockImplementationOnce(down).mockImplementationOnce(down);
    await expect(circuit.run(attempt)).resolves.toBe('done');
  });

  it('opens after five exhausted sequences in a row, and then sends nothing', async () => {
    const { circuit, fail, states } = newCircuit();
    for (let failed = 1; failed <= 4; failed++) await fail();
    expect(circuit.state()).toBe('closed');
    expect(await fail()).toMatchObject({ retryAfterMs: 60_000 });
    expect(states).toEqual(['open']);
    const attempt = jest.fn(up);
    jest.setSystemTime(1_000_000 + 20_000);
    expect(await fail(attempt)).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR', retryAfterMs: 40_000 });
    expect(attempt).not.toHaveBeenCalled();
  });

  it('starts counting again after a success', async () => {
    const { circuit, fail } = newCircuit();
    for (let failed = 1; failed <= 4; failed++) await fail();
    await circuit.run(up);
    for (let failed = 1; failed <= 4; failed++) await fail();
    expect(circuit.state()).toBe('closed');
  });

  it('lets one probe through after its time, and closes when that succeeds', async () => {
    const { circuit, fail, states } = newCircuit();
    for (let failed = 1; failed <= 5; failed++) await fail();
    jest.setSystemTime(1_000_000 + 60_000);
    let release = (): void => undefined;
    const probe = circuit.run(() => new Promise<void>((resolve) => (release = resolve)));
    const second = jest.fn(up);
    const waiting = circuit.run(second);
    await new Promise(setImmediate);
    expect(second).not.toHaveBeenCalled();
    release();
    await Promise.all([probe, waiting]);
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  it('is half open once its time is over, also where nobody has anything to send', async () => {
    const { circuit, fail } = newCircuit();
    for (let failed = 1; failed <= 5; failed++) await fail();
    jest.setSystemTime(1_000_000 + 59_999);
    expect(circuit.state()).toBe('open');
    jest.setSystemTime(1_000_000 + 60_000);
    expect(circuit.state()).toBe('half_open');
    await circuit.run(up);
    expect(circuit.state()).toBe('closed');
  });

  it('opens again for the whole time when the probe fails', async () => {
    const { circuit, fail, states } = newCircuit();
    for (let failed = 1; failed <= 5; failed++) await fail();
    jest.setSystemTime(1_000_000 + 60_000);
    expect(await fail()).toMatchObject({ retryAfterMs: 60_000 });
    expect(states).toEqual(['open', 'half_open', 'open']);
    expect(circuit.state()).toBe('open');
  });

  it('opens at once, without another try, when credentials are refused', async () => {
    const { circuit, fail } = newCircuit();
    const attempt = jest.fn(denied);
    const error = await fail(attempt);
    expect(error).toMatchObject({ code: 'CONSUL_AUTH_ERROR', retryAfterMs: 60_000 });
    expect(error.message).not.toContain('hunter22');
    expect(attempt).toHaveBeenCalledTimes(1);
    expect(circuit.state()).toBe('open');
  });

  it('passes on what is no fault of the backend, uncounted', async () => {
    const { circuit } = newCircuit();
    for (let failed = 1; failed <= 6; failed++) {
      await expect(circuit.run(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
    }
    expect(circuit.state()).toBe('closed');
  });
});
