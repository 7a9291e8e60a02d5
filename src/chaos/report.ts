import type { FleetCounts, Registered } from './fleet/counts.js';
import type { Inflicted } from './faults/sequence.js';
import type { Judged } from './invariants/index.js';

export type Report = {
  readonly ok: boolean;
  readonly seed: number;
  /** Null: the fixed plan of CI. */
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
    /** Another fault began before all was well again, or was still there. */
    readonly disturbed: boolean;
    readonly remark: string | null;
  }[];
  readonly faultCounts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly fleet: FleetCounts;
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
  readonly minutes: number | null;
  readonly nodes: number;
  /** Epoch milliseconds. */
  readonly faultsBeganAt: number;
  readonly faultsEndedAt: number;
  readonly quietAt: number;
  readonly inflicted: readonly Inflicted[];
  readonly fleet: FleetCounts;
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

export function textOf(report: Report): string {
  const { seed, minutes, fleet, recoverySeconds: recovery } = report;
  const faults = Object.entries(report.faultCounts).map(([kind, targets]) => {
    const total = Object.values(targets).reduce((sum, count) => sum + count, 0);
    const each = Object.entries(targets).map(([target, count]) => (count === 1 ? target : `${count} ${target}`));
    return `  ${String(total).padStart(3)} ${kind}: ${each.join(', ')}`;
  });
  const remarks = report.faults.filter(({ remark }) => remark !== null);
  return [
    `chaos ${report.ok ? 'passed' : 'FAILED'}: seed ${seed}, ${minutes === null ? 'plan ci' : `${minutes} minutes`}, ${report.nodes} nodes`,
    '',
    `${report.faults.length} faults in ${report.faultSeconds} s, at rest ${report.quietSeconds} s after the last`,
    ...faults,
    ...remarks.map(({ kind, target, at, remark }) => `  ${at} ${kind} ${target}: ${remark}`),
    '',
    `${fleet.registrations} registrations (${fleet.starts} starts), ${fleet.changes} changes, ${fleet.goodbyes} goodbyes, ${fleet.deaths} deaths`,
    `${fleet.heartbeats} heartbeats, ${report.stepsJournalled} steps journalled, ${report.records} records in the topics`,
    `${fleet.expired} nodes that lived were taken for dead, ${fleet.ackTimedOut} acks came too late; all of them came back`,
    `${report.longestWithoutRegistrationSeconds} s at most without a registration; after ${recovery.faults} faults that no other disturbed, back in ` +
      `${recovery.p50 ?? '-'} s (p50), ${recovery.max ?? '-'} s (max${recovery.after === null ? '' : `, after ${recovery.after}`})`,
    '',
    ...report.invariants.flatMap((invariant) => [
      `${invariant.violationCount === 0 ? 'ok  ' : 'FAIL'} ${invariant.name}: ${invariant.looked} ${invariant.at}`,
      ...(invariant.violationCount === 0 ? [] : [`     ${invariant.means}: ${invariant.violationCount} violations`]),
      ...invariant.violations.map((text) => `       ${text}`),
    ]),
    ...(report.pending.length === 0 ? [] : ['FAIL not at rest in time; still to happen:']),
    ...report.pending.map((text) => `       ${text}`),
    ...(report.folder === null ? [] : ['', `logs: ${report.folder}`]),
  ].join('\n');
}
