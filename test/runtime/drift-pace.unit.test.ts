import { describe, expect, it } from '@jest/globals';
import { AuditPace, workOf } from '../../src/runtime/drift/audit-pace.js';
import type { Audited } from '../../src/runtime/drift/drift-report.js';

function audited(skippedBuckets: number, comparedNow: number): Audited {
  return {
    auditId: '',
    backend: 'consul',
    startedAt: '',
    finishedAt: '',
    compared: 100_000,
    entries: 100_000,
    unsettled: 0,
    skippedBuckets,
    comparedNow,
    counts: { missing: 0, altered: 0, ghost: 0, foreign: 0 },
    findings: [],
    cutOff: null,
    hasRecord: true,
  };
}

describe('the pace of audits', () => {
  it('rests for the interval, and longer the more there was to do', () => {
    const pace = new AuditPace(30_000);
    expect(pace.restMs(0, 0, null)).toBe(30_000);
    expect(pace.restMs(1500, 0, null)).toBe(30_000);
    expect(pace.restMs(5000, 0, null)).toBe(100_000);
    expect(pace.restMs(10 ** 9, 0, null)).toBe(600_000);
    expect(new AuditPace(3_600_000).restMs(5000, 0, null)).toBe(3_600_000);
  });

  it('looks again sooner where that is worth while, but not for ever', () => {
    const pace = new AuditPace(30_000);
    const hurried = Array.from({ length: 13 }, () => pace.restMs(100, 0, 5000));
    expect(hurried).toEqual([...Array.from({ length: 12 }, () => 5000), 30_000]);
    expect(pace.restMs(100, 0, null)).toBe(30_000);
    expect(pace.restMs(100, 0, 5000)).toBe(5000);
    expect(pace.restMs(5000, 0, 5000)).toBe(20_000);
    expect(new AuditPace(1000).restMs(0, 0, 5000)).toBe(1000);
  });

  it('counts as work what was compared, and never more than the time that it took', () => {
    expect(workOf(audited(0, 100_000), 60_000)).toBe(5256);
    expect(workOf(audited(254, 780), 60_000)).toBe(41);
    expect(workOf(audited(0, 100_000), 100)).toBe(100);
  });

  it('takes less than a hundredth of a core for 100,000 nodes of which none changes', () => {
    const work = workOf(audited(254, 780), Infinity);
    const marks = 100_000 * 0.003;
    expect((work + marks) / new AuditPace(10_000).restMs(work, 100_000, null)).toBeLessThan(0.01);
    expect(new AuditPace(10_000).restMs(0, 100_000, null)).toBe(36_000);
    expect(new AuditPace(10_000).restMs(0, 10_000, null)).toBe(10_000);
  });
});
