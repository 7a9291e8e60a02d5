import type { ChaosOptions } from './options.js';
import type { FleetCounts, Registered } from './fleet/counts.js';
import type { Inflicted } from './faults/sequence.js';
import type { Judged } from './invariants/index.js';

export type Report = {
  readonly ok: boolean;
  readonly seed: number;
  readonly plan: ChaosOptions['plan']['kind'];
  /** Null where the plan has its own length. */
  readonly minutes: number | null;
  readonly nodes: number;
  /** How long faults went on, and how long it took from the last of them until nothing was left to do. */
  readonly faultSeconds: number;
  readonly quietSeconds: number;
  readonly faults: readonly {
    readonly kind: string;
    readonly target: string;
    readonly at: string;
    readonly seconds: number;
    readonly recoverySeconds: number | null;
    /** From its end until the last of those was active that were on their way by then; null where nobody was. */
    readonly caughtUpSeconds: number | null;
    /** Another fault began before all was well again, or was still there. */
    readonly disturbed: boolean;
    readonly remark: string | null;
  }[];
  readonly faultCounts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly fleet: FleetCounts;
  /** Of those that were taken for dead or whose ack came too late: who means to be active and has not been since. */
  readonly notBack: number;
  readonly stepsJournalled: number;
  readonly records: number;
  readonly longestWithoutRegistrationSeconds: number;
  /** From the end of a fault until a node that started after it was active; of those that no other fault disturbed. */
  readonly recoverySeconds: {
    readonly faults: number;
    readonly p50: number | null;
    readonly max: number | null;
    readonly after: string | null;
  };
  readonly invariants: readonly {
    readonly name: string;
    readonly means: string;
    readonly looked: number;
    readonly at: string;
    readonly violationCount: number;
    readonly violations: readonly string[];
  }[];
  /** What was still to happen when the patience was over. */
  readonly pending: readonly string[];
  /** Where the logs are; null: nothing was left. */
  readonly folder: string | null;
};

export type Facts = {
  readonly seed: number;
  readonly plan: ChaosOptions['plan']['kind'];
  readonly minutes: number | null;
  readonly nodes: number;
  /** Epoch milliseconds. */
  readonly faultsBeganAt: number;
  readonly faultsEndedAt: number;
  readonly quietAt: number;
  readonly inflicted: readonly Inflicted[];
  readonly fleet: FleetCounts;
  readonly notBack: number;
  readonly registered: readonly Registered[];
  readonly stepsJournalled: number;
  readonly records: number;
  readonly judged: readonly Judged[];
  readonly pending: readonly string[];
  readonly folder: string | null;
};

const SHOWN = 20;

export function reportOf(facts: Facts): Report {
  const { inflicted, registered, judged, pending, faultsBeganAt, faultsEndedAt, quietAt, ...rest } = facts;
  const faults = inflicted.map((one) => ({
    kind: one.fault.kind,
    target: one.fault.target,
    at: new Date(one.beganAt).toISOString(),
    seconds: seconds(one.endedAt - one.beganAt),
    ...recoveryOf(one, inflicted, registered),
    caughtUpSeconds: caughtUpOf(one, registered),
    remark: one.remark ?? null,
  }));
  const recoveries = faults
    .flatMap(({ kind, target, recoverySeconds, disturbed }) =>
      recoverySeconds === null || disturbed ? [] : [{ name: `${kind} ${target}`, recoverySeconds }],
    )
    .sort((one, other) => one.recoverySeconds - other.recoverySeconds);
  const slowest = recoveries.at(-1);
  return {
    ok: pending.length === 0 && judged.every(({ violations }) => violations.length === 0),
    ...rest,
    faultSeconds: seconds(faultsEndedAt - faultsBeganAt),
    quietSeconds: seconds(quietAt - faultsEndedAt),
    faults,
    faultCounts: countsOf(inflicted),
    longestWithoutRegistrationSeconds: seconds(longestGap(registered, faultsBeganAt, faultsEndedAt)),
    recoverySeconds: {
      faults: recoveries.length,
      p50: recoveries[Math.floor((recoveries.length - 1) / 2)]?.recoverySeconds ?? null,
      max: slowest?.recoverySeconds ?? null,
      after: slowest?.name ?? null,
    },
    invariants: judged.map(({ violations, ...invariant }) => ({
      ...invariant,
      violationCount: violations.length,
      violations: violations.slice(0, SHOWN),
    })),
    pending: pending.slice(0, SHOWN),
  };
}

/** From the end of a fault until a node that started after it is active; and whether that was the only fault meanwhile. */
export function recoveryOf(
  one: Inflicted,
  all: readonly Inflicted[],
  registered: readonly Registered[],
): { readonly recoverySeconds: number | null; readonly disturbed: boolean } {
  const after = registered.filter(({ beganAt }) => beganAt >= one.endedAt).map(({ activeAt }) => activeAt);
  const wellAt = after.reduce((earliest, at) => Math.min(earliest, at), Infinity);
  const disturbed = all.some((other) => other !== one && other.beganAt < wellAt && other.endedAt > one.endedAt);
  return { recoverySeconds: wellAt === Infinity ? null : seconds(wellAt - one.endedAt), disturbed };
}

/** From the end of a fault until the last of those was active that had begun before it. */
export function caughtUpOf({ endedAt }: Inflicted, registered: readonly Registered[]): number | null {
  const late = registered.filter(({ beganAt, activeAt }) => beganAt < endedAt && activeAt > endedAt);
  return late.length === 0 ? null : seconds(late.reduce((last, { activeAt }) => Math.max(last, activeAt), 0) - endedAt);
}

/** The longest time between two registrations that succeeded, or between one and an end of the time looked at. */
export function longestGap(registered: readonly Registered[], from: number, to: number): number {
  const times = registered.map(({ activeAt }) => activeAt).filter((at) => at > from && at < to);
  const marks = [from, ...times.sort((one, other) => one - other), to];
  return marks.slice(1).reduce((longest, mark, index) => Math.max(longest, mark - (marks[index] ?? mark)), 0);
}

function countsOf(inflicted: readonly Inflicted[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { fault } of inflicted) {
    const byTarget = (counts[fault.kind] ??= {});
    byTarget[fault.target] = (byTarget[fault.target] ?? 0) + 1;
  }
  return counts;
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}
