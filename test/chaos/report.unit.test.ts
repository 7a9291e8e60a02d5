import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/chaos/faults/fault.js';
import type { Inflicted } from '../../src/chaos/faults/sequence.js';
import { outcryOf } from '../../src/chaos/gather/logs.js';
import { caughtUpOf, longestGap, recoveryOf, reportOf, type Facts } from '../../src/chaos/report.js';
import { textOf } from '../../src/chaos/report-text.js';
import { untilQuiet } from '../../src/chaos/quiet.js';

const KILL: Fault = { kind: 'kill', target: 'kafka', forMs: 1000 };
const inflicted = (beganAt: number, endedAt: number): Inflicted => ({
  fault: KILL,
  beganAt,
  endedAt,
  remark: undefined,
});

const FACTS: Facts = {
  seed: 3,
  plan: 'seeded',
  minutes: 1,
  nodes: 10,
  faultsBeganAt: 0,
  faultsEndedAt: 60_000,
  quietAt: 70_000,
  inflicted: [inflicted(1000, 5000)],
  fleet: { starts: 3, changes: 0, goodbyes: 0, deaths: 0, registrations: 2, heartbeats: 9, expired: 0, ackTimedOut: 0 },
  notBack: 0,
  registered: [
    { beganAt: 900, activeAt: 6000 },
    { beganAt: 5500, activeAt: 9000 },
  ],
  stepsJournalled: 12,
  records: 30,
  judged: [{ name: 'one', means: 'something holds', looked: 4, at: 'things', violations: [] }],
  pending: [],
  folder: null,
};

describe('the report', () => {
  it('passes when every invariant holds and all came to rest', () => {
    const report = reportOf(FACTS);
    expect(report).toMatchObject({
      ok: true,
      faultSeconds: 60,
      quietSeconds: 10,
      faultCounts: { kill: { kafka: 1 } },
      longestWithoutRegistrationSeconds: 51,
      recoverySeconds: { faults: 1, p50: 4, max: 4, after: 'kill kafka' },
    });
    expect(textOf(report)).toContain('chaos passed: seed 3, 1 minutes, 10 nodes');
  });

  it.each<[string, Partial<Facts>, string]>([
    [
      'an invariant does not hold',
      { judged: [{ ...FACTS.judged[0]!, violations: ['node-1: wrong'] }] },
      'node-1: wrong',
    ],
    ['something was left to do', { pending: ['node-2 is to be active'] }, 'node-2 is to be active'],
  ])('fails when %s, with the evidence', (_what, rest, evidence) => {
    const report = reportOf({ ...FACTS, ...rest, folder: '/tmp/somewhere' });
    expect(report.ok).toBe(false);
    expect(textOf(report)).toContain('chaos FAILED');
    expect(textOf(report)).toContain(evidence);
    expect(textOf(report)).toContain('logs: /tmp/somewhere');
  });

  it('counts recovery from the end of a fault to the first node that started after it', () => {
    const one = inflicted(0, 1000);
    expect(recoveryOf(one, [one], [])).toEqual({ recoverySeconds: null, disturbed: false });
    const registered = [
      { beganAt: 500, activeAt: 1100 },
      { beganAt: 1200, activeAt: 4000 },
      { beganAt: 1300, activeAt: 3000 },
    ];
    expect(recoveryOf(one, [one], registered)).toEqual({ recoverySeconds: 2, disturbed: false });
    expect(recoveryOf(one, [one, inflicted(2000, 9000)], registered)).toEqual({ recoverySeconds: 2, disturbed: true });
    expect(recoveryOf(one, [one, inflicted(3500, 9000)], registered)).toEqual({ recoverySeconds: 2, disturbed: false });
  });

  it('says that those came back who had lost their place, only where they did', () => {
    const lost = { ...FACTS.fleet, expired: 2, ackTimedOut: 1 };
    const lineOf = (facts: Facts) =>
      textOf(reportOf(facts))
        .split('\n')
        .find((line) => line.includes('taken for dead'));
    expect(lineOf(FACTS)).toBe('0 nodes that lived were taken for dead, 0 acks came too late');
    expect(lineOf({ ...FACTS, fleet: lost })).toMatch(/too late; all of them came back$/);
    expect(lineOf({ ...FACTS, fleet: lost, notBack: 2 })).toMatch(/too late; 2 have NOT come back$/);
  });

  it('tells of each kill how long it took until all was well', () => {
    const text = textOf(reportOf({ ...FACTS, plan: 'kills', minutes: null }));
    expect(text).toContain('chaos passed: seed 3, plan kills, 10 nodes');
    expect(text).toContain('kill kafka, down 4 s: registers after 4 s, all on their way active after 1 s');
  });

  it('counts catching up from the end of a fault to the last node that had begun before it', () => {
    const registered = [
      { beganAt: 500, activeAt: 900 },
      { beganAt: 600, activeAt: 3000 },
      { beganAt: 700, activeAt: 2000 },
      { beganAt: 1500, activeAt: 9000 },
    ];
    expect(caughtUpOf(inflicted(0, 1000), registered)).toBe(2);
    expect(caughtUpOf(inflicted(0, 1000), [])).toBeNull();
  });

  it('finds the longest time without a registration, ends included', () => {
    const at = (...times: number[]) => times.map((activeAt) => ({ beganAt: 0, activeAt }));
    expect(longestGap(at(), 0, 100)).toBe(100);
    expect(longestGap(at(10, 60), 0, 100)).toBe(50);
    expect(longestGap(at(60, 10, 90), 50, 70)).toBe(10);
  });
});

describe('lines of a replica’s log', () => {
  it.each([
    ['{"level":"info","msg":"fine"}', undefined],
    ['', undefined],
    ['{"level":"info","time":"20{"level":"info","msg":"joined to what a kill -9 cut off"}', undefined],
    ['{"level":"fatal","msg":"the end"}', '{"level":"fatal","msg":"the end"}'],
    ['TypeError: x is not a function', 'no log line: TypeError: x is not a function'],
  ])('%s', (line, outcry) => {
    expect(outcryOf(line)).toBe(outcry);
  });
});

describe('waiting for rest', () => {
  const patience = { withinMs: 60_000, progress: () => undefined, signal: new AbortController().signal };

  it('wants several looks in a row that find nothing', async () => {
    const looks = [['a'], [], ['b'], [], [], []];
    const left = await untilQuiet({ ...patience, pending: async () => looks.shift() ?? ['looked once too often'] });
    expect(left).toEqual([]);
    expect(looks).toEqual([]);
  });

  it('tells what was left when patience ends, or why it could not look', async () => {
    const rejects = async () => {
      throw new Error('no broker');
    };
    expect(await untilQuiet({ ...patience, withinMs: -1, pending: rejects })).toEqual(['no broker']);
  });
});
