import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { EffectOutcome, ErrorCode } from '../../src/registry-effect/index.js';
import { DONE } from '../../src/registry-effect/effect-handler.js';
import { BackendFault } from '../../src/registry-effect/resilience/backend-fault.js';
import { isolateCulprits } from '../../src/registry-effect/resilience/isolate-culprits.js';
import { withDefaults } from '../../src/registry-effect/resilience/resilience-options.js';

/** A backend whose errors say their own code. */
class Coded extends Error {
  constructor(readonly code: ErrorCode) {
    super(`refused with ${code}`);
  }
}

function newIsolation(judge: (items: readonly number[]) => ErrorCode | undefined) {
  const outcomes = new Map<number, EffectOutcome>();
  const write = jest.fn(async (items: readonly number[]): Promise<readonly EffectOutcome[]> => {
    const code = judge(items);
    if (code !== undefined) throw new Coded(code);
    return items.map(() => DONE);
  });
  const isolation = {
    write,
    classify: (error: unknown) => (error as Coded).code,
    settle: (item: number, outcome: EffectOutcome) => void outcomes.set(item, outcome),
    settings: withDefaults({ retryBaseMs: 1, retryMaxMs: 1 }),
  };
  return { outcomes, write, isolation };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('isolateCulprits', () => {
  it('fails exactly the culprits, whichever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.nat(299), { maxLength: 6 }),
        async (size, bad) => {
          const { outcomes, isolation } = newIsolation((items) =>
            items.some((item) => bad.includes(item)) ? 'CONSUL_VALIDATION_ERROR' : undefined,
          );
          await isolateCulprits(range(size), isolation);
          const failed = range(size).filter((item) => outcomes.get(item)?.ok === false);
          expect(outcomes.size).toBe(size);
          expect(failed).toEqual(range(size).filter((item) => bad.includes(item)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('needs few requests for one culprit among hundreds', async () => {
    const { write, isolation } = newIsolation((items) =>
      items.includes(311) ? 'POSTGRES_VALIDATION_ERROR' : undefined,
    );
    await isolateCulprits(range(500), isolation);
    expect(write.mock.calls.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(500)) + 1);
  });

  it('gives up on what nobody knows after five tries alone', async () => {
    const { outcomes, write, isolation } = newIsolation((items) =>
      items.includes(1) ? 'CONSUL_UNKNOWN_ERROR' : undefined,
    );
    await isolateCulprits([0, 1], isolation);
    expect(outcomes.get(0)).toEqual(DONE);
    expect(outcomes.get(1)).toEqual({
      ok: false,
      errorCode: 'CONSUL_UNKNOWN_ERROR',
      errorMessage: 'refused with CONSUL_UNKNOWN_ERROR',
    });
    expect(write.mock.calls.filter(([items]) => items.length === 1 && items[0] === 1)).toHaveLength(5);
  });

  it('takes an unknown error back when a further try succeeds', async () => {
    let tries = 0;
    const { outcomes, isolation } = newIsolation(() => (++tries < 3 ? 'CONSUL_UNKNOWN_ERROR' : undefined));
    await isolateCulprits([7], isolation);
    expect(outcomes.get(7)).toEqual(DONE);
  });

  it('stops when the backend is gone, and keeps what it knows', async () => {
    const { outcomes, isolation } = newIsolation((items) => {
      if (items.length > 1) return 'POSTGRES_VALIDATION_ERROR';
      return items[0] === 2 ? 'POSTGRES_CONNECTION_ERROR' : undefined;
    });
    await expect(isolateCulprits([0, 1, 2, 3], isolation)).rejects.toBeInstanceOf(BackendFault);
    expect([...outcomes.keys()]).toEqual([0, 1]);
  });

  it('reports an outage while it tries an unknown error again, not the error', async () => {
    let tries = 0;
    const { outcomes, isolation } = newIsolation(() =>
      ++tries === 1 ? 'POSTGRES_UNKNOWN_ERROR' : 'POSTGRES_TIMEOUT_ERROR',
    );
    await expect(isolateCulprits([0], isolation)).rejects.toMatchObject({ code: 'POSTGRES_TIMEOUT_ERROR' });
    expect(outcomes.size).toBe(0);
  });
});
