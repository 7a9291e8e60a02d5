import type { Violation } from './audit.js';
import type { Counts, Ending, Fleet } from './fleet.js';
import type { LatencySummary } from './latencies.js';
import type { FleetOptions } from './options.js';
import { nodeIdOf, type SimulatedNode } from './simulated-node.js';

const SHOWN = 10;

export type Report = {
  readonly ok: boolean;
  readonly ending: Ending;
  readonly prefix: string;
  readonly nodes: number;
  readonly ratePerSecond: number | null;
  readonly counts: Counts & { readonly missing: number };
  readonly registrationsPerSecond: number | null;
  /** From the first introspection to the last node that became active. */
  readonly seconds: number | null;
  readonly latencyMs: Readonly<Record<keyof Fleet['latencies'], LatencySummary>>;
  /** Of this process, while nodes registered. */
  readonly cpuSeconds: number;
  readonly cpuSecondsPer1000: number | null;
  /** How long the fleet went on with heartbeats, once all were active. */
  readonly heartbeatSeconds: number;
  readonly verified: boolean;
  /** What was checked for each node. */
  readonly verifiedCourse: 'all' | 'what nodes are told';
  readonly violations: { readonly count: number; readonly first: readonly Violation[] };
  /** The first nodes that are not active, with what they wait for. */
  readonly notActive: readonly { readonly nodeId: string; readonly state: string }[];
};

export function reportOf(fleet: Fleet, options: FleetOptions, ending: Ending, cpuSeconds: number): Report {
  const { counts, startedAt, lastActiveAt, latencies, audit } = fleet;
  const seconds = startedAt === undefined || lastActiveAt === undefined ? null : (lastActiveAt - startedAt) / 1000;
  return {
    ok: counts.active === options.nodes && counts.expired === 0 && audit.violations.length === 0,
    ending,
    prefix: options.prefix,
    nodes: options.nodes,
    ratePerSecond: options.rate ?? null,
    counts: { ...counts, missing: options.nodes - counts.active - counts.rejected - counts.timedOut },
    registrationsPerSecond: seconds === null ? null : counts.active / seconds,
    seconds,
    latencyMs: {
      publishToAccepted: latencies.publishToAccepted.summary(),
      ackToActive: latencies.ackToActive.summary(),
      publishToActive: latencies.publishToActive.summary(),
    },
    cpuSeconds,
    cpuSecondsPer1000: counts.active === 0 ? null : (cpuSeconds * 1000) / counts.active,
    heartbeatSeconds: options.heartbeatsMs / 1000,
    verified: options.verify,
    verifiedCourse: options.transport.kind === 'http' ? 'what nodes are told' : 'all',
    violations: { count: audit.violations.length, first: audit.violations.slice(0, SHOWN) },
    notActive: notActive(fleet, options),
  };
}

function notActive(fleet: Fleet, { nodes, prefix }: FleetOptions): Report['notActive'] {
  const found = [];
  for (let index = 0; index < nodes && found.length < SHOWN; index += 1) {
    const nodeId = nodeIdOf(prefix, index);
    const node = fleet.nodes.get(nodeId);
    if (node?.state.status !== 'active') found.push({ nodeId, state: stateOf(node) });
  }
  return found;
}

export function stateOf(node: SimulatedNode | undefined): string {
  if (node === undefined) return 'not introduced yet';
  const deadLetter = node.deadLetter === undefined ? '' : `; dead letter: ${node.deadLetter}`;
  switch (node.state.status) {
    case 'introspected':
      return (node.sent ? 'introspected, not accepted yet' : 'its introspection is not sent yet') + deadLetter;
    case 'accepted':
    case 'acknowledged':
      return `accepted and acked, not active yet${deadLetter}`;
    case 'rejected':
      return `rejected: ${node.state.reasonCode}, ${node.state.reason}`;
    case 'ack_timed_out':
      return `its ack was too late${deadLetter}`;
    case 'liveness_expired':
      return 'it was taken for dead';
    case 'deregistered':
      return `it was taken out: ${node.state.reason}`;
    case 'left':
      return 'it has left';
    case 'active':
      return 'active';
  }
}

export function tableOf(report: Report): string {
  const { counts, latencyMs, violations, notActive } = report;
  const lines = [
    `${counts.active} of ${report.nodes} nodes are active (${report.ending}), ids ${report.prefix}-...`,
    '',
    ...aligned([
      ['sent', 'accepted', 'acked', 'active', 'rejected', 'timed out', 'missing', 'copies dropped', 'dead letters'],
      [
        counts.sent,
        counts.accepted,
        counts.acked,
        counts.active,
        counts.rejected,
        counts.timedOut,
        counts.missing,
        counts.copies,
        counts.deadLetters,
      ].map(String),
    ]),
    '',
    ...aligned([
      ['latency, ms', 'p50', 'p90', 'p99', 'max'],
      latencyRow('publish to accepted', latencyMs.publishToAccepted),
      latencyRow('ack to active', latencyMs.ackToActive),
      latencyRow('publish to active', latencyMs.publishToActive),
    ]),
    '',
    `${shown(report.registrationsPerSecond, 0)} registrations/s over ${shown(report.seconds, 1)} s` +
      (report.ratePerSecond === null ? ', at full speed' : `, introduced at ${report.ratePerSecond}/s`),
    `${shown(report.cpuSeconds, 2)} CPU seconds in this process, ${shown(report.cpuSecondsPer1000, 3)} per 1,000 registrations`,
  ];
  if (report.heartbeatSeconds > 0) {
    lines.push(
      `${counts.heartbeats} heartbeats sent, until ${report.heartbeatSeconds} s after all were active; ` +
        (counts.expired === 0 ? 'no node was taken for dead' : `nodes were taken for dead ${counts.expired} times`),
    );
  }
  if (counts.answered > 0) lines.push(`${counts.answered} requests to introspect answered`);
  if (counts.foreign > 0) lines.push(`${counts.foreign} messages about these nodes belong to another workflow`);
  if (report.verified && violations.count === 0)
    lines.push(
      report.verifiedCourse === 'all'
        ? 'verified: the course of every active node is as it should be'
        : 'verified: what every active node was told is as it should be',
    );
  if (violations.count > 0) {
    lines.push('', `${violations.count} violations${violations.count > SHOWN ? `, the first ${SHOWN}` : ''}:`);
    for (const { nodeId, text } of violations.first) lines.push(`  ${nodeId}  ${text}`);
  }
  if (notActive.length > 0) {
    const all = report.nodes - counts.active;
    lines.push('', `${all} not active${all > SHOWN ? `, the first ${SHOWN}` : ''}:`);
    for (const { nodeId, state } of notActive) lines.push(`  ${nodeId}  ${state}`);
  }
  return lines.join('\n');
}

function latencyRow(name: string, { p50, p90, p99, max }: LatencySummary): string[] {
  return [name, ...[p50, p90, p99, max].map((value) => shown(value, 1))];
}

function shown(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

/** First column to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
