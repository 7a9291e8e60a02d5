import type { Report } from './report.js';

/** The report for people. */
export function textOf(report: Report): string {
  const { seed, plan, minutes, fleet, recoverySeconds: recovery } = report;
  const faults = Object.entries(report.faultCounts).map(([kind, targets]) => {
    const total = Object.values(targets).reduce((sum, count) => sum + count, 0);
    const each = Object.entries(targets).map(([target, count]) => (count === 1 ? target : `${count} ${target}`));
    return `  ${String(total).padStart(3)} ${kind}: ${each.join(', ')}`;
  });
  const remarks = report.faults.filter(({ remark }) => remark !== null);
  return [
    `chaos ${report.ok ? 'passed' : 'FAILED'}: seed ${seed}, ${minutes === null ? `plan ${plan}` : `${minutes} minutes`}, ${report.nodes} nodes`,
    '',
    `${report.faults.length} faults in ${report.faultSeconds} s, at rest ${report.quietSeconds} s after the last`,
    ...faults,
    ...(plan === 'kills' ? report.faults.map(recoveryText) : []),
    ...remarks.map(({ kind, target, at, remark }) => `  ${at} ${kind} ${target}: ${remark}`),
    '',
    `${fleet.registrations} registrations (${fleet.starts} starts), ${fleet.changes} changes, ${fleet.goodbyes} goodbyes, ${fleet.deaths} deaths`,
    `${fleet.heartbeats} heartbeats, ${report.stepsJournalled} steps journalled, ${report.records} records in the topics`,
    `${fleet.expired} nodes that lived were taken for dead, ${fleet.ackTimedOut} acks came too late${returnText(report)}`,
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

function returnText({ fleet, notBack }: Report): string {
  if (fleet.expired + fleet.ackTimedOut === 0) return '';
  return notBack === 0 ? '; all of them came back' : `; ${notBack} have NOT come back`;
}

function recoveryText({ kind, target, seconds, recoverySeconds, caughtUpSeconds }: Report['faults'][number]): string {
  const first =
    recoverySeconds === null ? 'nobody who started after it became active' : `registers after ${recoverySeconds} s`;
  const backlog =
    caughtUpSeconds === null ? 'nobody was on the way' : `all on their way active after ${caughtUpSeconds} s`;
  return `      ${kind} ${target}, down ${seconds} s: ${first}, ${backlog}`;
}
