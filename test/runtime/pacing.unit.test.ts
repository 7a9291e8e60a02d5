import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { paced, Pacing } from '../../src/runtime/deadlines/pacing.js';
import { TIMINGS } from '../support/workflow.js';

const USUAL = { ...TIMINGS, heartbeatIntervalMs: 10_000, livenessWindowMs: 30_000 };

describe('the pace of a fleet', () => {
  it('is the configured one as long as the fleet keeps within the rate', () => {
    expect(paced(USUAL, 0, 100)).toEqual(USUAL);
    expect(paced(USUAL, 1000, 100)).toEqual(USUAL);
  });

  it('slows down in whole seconds, and the window with it', () => {
    expect(paced(USUAL, 1001, 100)).toEqual({ ...USUAL, heartbeatIntervalMs: 11_000, livenessWindowMs: 33_000 });
    expect(paced(USUAL, 100_000, 1000)).toEqual({ ...USUAL, heartbeatIntervalMs: 100_000, livenessWindowMs: 300_000 });
  });

  it('never lets the fleet beat faster than the rate, nor than configured, and keeps the ratio', () => {
    const whole = fc.record({
      interval: fc.integer({ min: 1, max: 120_000 }),
      factor: fc.double({ min: 1.1, max: 10, noNaN: true }),
      live: fc.nat({ max: 5_000_000 }),
      rate: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(whole, ({ interval, factor, live, rate }) => {
        const timings = { ...USUAL, heartbeatIntervalMs: interval, livenessWindowMs: Math.ceil(interval * factor) };
        const { heartbeatIntervalMs, livenessWindowMs, ...others } = paced(timings, live, rate);
        // Beats a second = live / interval; written so that no division rounds.
        expect(live * 1000).toBeLessThanOrEqual(rate * heartbeatIntervalMs);
        expect(heartbeatIntervalMs).toBeGreaterThanOrEqual(interval);
        expect(
          Math.abs(livenessWindowMs * interval - heartbeatIntervalMs * timings.livenessWindowMs),
        ).toBeLessThanOrEqual(interval);
        expect(Number.isInteger(livenessWindowMs)).toBe(true);
        expect(timings).toMatchObject(others);
      }),
    );
  });
});

describe('pacing', () => {
  function pacing(counts: readonly (number | Error)[]) {
    let asked = 0;
    const pace = new Pacing({
      timings: USUAL,
      maxHeartbeatsPerSecond: 1,
      countLive: () => {
        const count = counts[asked++] ?? new Error('asked too often');
        return count instanceof Error ? Promise.reject(count) : Promise.resolve(count);
      },
    });
    return { pace, asked: () => asked };
  }

  it('counts once for all who ask together, and not again soon', async () => {
    const { pace, asked } = pacing([40]);
    const answers = await Promise.all([pace.current(), pace.current()]);
    expect([...answers, await pace.current()].map((timings) => timings.heartbeatIntervalMs)).toEqual([
      40_000, 40_000, 40_000,
    ]);
    expect(asked()).toBe(1);
  });

  it('rejects when the fleet was never counted, and asks anew', async () => {
    const { pace } = pacing([new Error('away'), 20]);
    await expect(pace.current()).rejects.toThrow('away');
    expect((await pace.current()).heartbeatIntervalMs).toBe(20_000);
  });

  it('takes the count of somebody else for its own', async () => {
    const { pace, asked } = pacing([]);
    pace.counted(30, 1);
    expect((await pace.current()).heartbeatIntervalMs).toBe(30_000);
    expect(asked()).toBe(0);
  });
});
