import { describe, expect, it } from '@jest/globals';
import { holds, type Fault, type FaultKind, type Planned } from '../../src/chaos/faults/fault.js';
import { CI_PLAN, KILLS_PLAN, planOf } from '../../src/chaos/plan.js';

const KINDS: Readonly<Record<FaultKind, true>> = {
  kill: true,
  freeze: true,
  restart: true,
  cut: true,
  refuse: true,
  slow: true,
  'black-hole': true,
  rubbish: true,
  'dead-letters-refused': true,
  'wipe-consul': true,
  'drop-registrations': true,
  damage: true,
};
const ALL_KINDS = Object.keys(KINDS).sort();
const SESSION_MS = 10_000;

function first(count: number, seed: number): Planned[] {
  const plan = planOf(seed);
  return Array.from({ length: count }, () => plan.next().value as Planned);
}

const kindsOf = (plan: readonly Planned[]): string[] => [...new Set(plan.map(({ fault }) => fault.kind))].sort();

describe('the plan of a seed', () => {
  it('is the same each time, and another one for another seed', () => {
    expect(first(200, 42)).toEqual(first(200, 42));
    expect(first(200, 42)).not.toEqual(first(200, 43));
  });

  it.each([0, 1, 2 ** 32 - 1])(
    'deals every kind of fault, and every process killed and frozen both short and long (seed %d)',
    (seed) => {
      const plan = first(43, seed);
      expect(kindsOf(plan)).toEqual(ALL_KINDS);
      const on = (kind: Fault['kind']) => plan.map(({ fault }) => fault).filter((fault) => fault.kind === kind);
      for (const target of ['replica-1', 'replica-2', 'replicas', 'kafka', 'consul', 'postgres'] as const) {
        expect(on('kill').map((fault) => fault.target)).toContain(target);
        expect(on('restart').map((fault) => fault.target)).toContain(target);
        const frozenMs = on('freeze')
          .filter((fault) => fault.target === target)
          .map(({ forMs }) => forMs);
        expect(frozenMs.some((ms) => ms < SESSION_MS)).toBe(true);
        expect(frozenMs.some((ms) => ms > SESSION_MS)).toBe(true);
      }
    },
  );

  it('never breaks side by side what is broken already', () => {
    for (const seed of [1, 2, 3]) {
      let held: readonly string[] = [];
      let sideBySide = 0;
      for (const { fault, alongside } of first(1000, seed)) {
        if (alongside) {
          expect(holds(fault).filter((part) => held.includes(part))).toEqual([]);
          sideBySide += 1;
        }
        held = alongside ? [...held, ...holds(fault)] : holds(fault);
      }
      expect(sideBySide).toBeGreaterThan(100);
    }
  });
});

describe('the plan of CI', () => {
  it('has every kind of fault once at least, and breaks every server and replica', () => {
    expect(kindsOf(CI_PLAN)).toEqual(ALL_KINDS);
    const broken = new Set(CI_PLAN.flatMap(({ fault }) => holds(fault)));
    for (const part of ['replica-1', 'replica-2', 'kafka', 'consul', 'postgres']) expect(broken).toContain(part);
  });

  it('is over in little more than a minute, if nothing takes longer than its fault', () => {
    const ms = CI_PLAN.reduce((sum, { pauseMs, alongside, fault }) => sum + pauseMs + (alongside ? 0 : fault.forMs), 0);
    expect(ms).toBeLessThan(60_000);
  });
});

describe('the plan of kills', () => {
  it('kills every process once by itself, and both replicas at once, each after recovery', () => {
    expect(KILLS_PLAN.map(({ fault }) => fault.kind)).toEqual(Array(6).fill('kill'));
    const targets = KILLS_PLAN.map(({ fault }) => fault.target);
    expect([...targets].sort()).toEqual(['consul', 'kafka', 'postgres', 'replica-1', 'replica-2', 'replicas']);
    expect(KILLS_PLAN.every(({ alongside, afterRecovery }) => afterRecovery && !alongside)).toBe(true);
  });
});

describe('what a fault holds', () => {
  it.each<[Fault['target'], readonly string[]]>([
    ['replicas', ['replica-1', 'replica-2']],
    ['replica-2', ['replica-2']],
    ['kafka', ['kafka']],
    ['topics', []],
    ['backends', ['consul', 'postgres']],
    ['dead-letters', ['dead-letters', 'kafka']],
    ['replicas>consul', ['replica-1>consul', 'replica-2>consul']],
  ])('%s', (target, parts) => {
    expect(holds({ kind: 'kill', target, forMs: 0 } as Fault)).toEqual(parts);
  });
});
