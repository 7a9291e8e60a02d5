import type { Backend } from '../../messages/index.js';
import type { DesiredNode, Finding } from './backend-audit.js';
import type { HeldReason } from './held-reasons.js';

export type DriftOptions = {
  readonly auditIntervalMs: number;
  /** Whether what is found is repaired without anybody asking. */
  readonly repair: 'auto' | 'manual';
  readonly repairsPerSecond: number;
  /** Part (0-1) of the compared nodes; see {@link RepairRules}. */
  readonly maxShare: number;
};

/** A row of the reducer: what it desires of one node, and what the backends have confirmed of it. */
export type DesiredRow = {
  readonly nodeId: string;
  /** Of the row: another one as soon as the reducer took a step. */
  readonly version: number;
  /** Null for a node that was never to be anywhere. */
  readonly desired: Omit<DesiredNode, 'nodeId' | 'settled'> | null;
  readonly confirmed: Readonly<Record<Backend, number>>;
};

export type DriftKind = Finding['drift'];
export type Counts = Readonly<Record<DriftKind, number>>;

/** What one audit of one backend came to. Times are RFC 3339, UTC. */
export type Audited = {
  readonly auditId: string;
  readonly backend: Backend;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Desired nodes and entries in all buckets, those of skipped ones as they were found last. */
  readonly compared: number;
  readonly entries: number;
  /** Desired nodes whose intent is on its way, or was refused: not judged. */
  readonly unsettled: number;
  /** Buckets in which nothing had changed since they were compared. */
  readonly skippedBuckets: number;
  /** Desired nodes in the buckets that were not skipped. */
  readonly comparedNow: number;
  readonly counts: Counts;
  /** The first {@link MAX_FINDINGS} of them. */
  readonly findings: readonly Finding[];
  /** Why not all buckets were looked at. */
  readonly cutOff: string | null;
  /** The journal had entries. */
  readonly hasRecord: boolean;
};

export type Held = { readonly reason: HeldReason; readonly entries: number };

/** What is stored of an audit. */
export type AuditReport = Omit<Audited, 'hasRecord' | 'comparedNow'> & {
  readonly held: readonly Held[];
  /** Repairs that the audit has asked the reducer for. */
  readonly repairs: number;
};

/** What an operator asked for. Null in the filter: all. */
export type RepairRequest = {
  readonly id: string;
  readonly backend: Backend | null;
  readonly nodeId: string | null;
  readonly drift: Exclude<DriftKind, 'foreign'> | null;
  readonly dryRun: boolean;
  readonly force: boolean;
};

/** How a request went at one backend. */
export type RepairOutcome = {
  readonly backend: Backend;
  readonly compared: number;
  /** Findings that the filter of the request lets pass, foreign ones left out. */
  readonly matching: number;
  /** Repairs asked for; in a dry run those that would have been. */
  readonly repairs: number;
  readonly held: readonly Held[];
  readonly cutOff: string | null;
};

/** Findings of one audit of one backend that are kept in hand; the counts are exact, and the next audit finds the rest. */
export const MAX_FINDINGS = 100_000;

/** Names an entry beside its node: one node may have several. */
export function entryName({ entry }: Pick<Finding, 'entry'>): string {
  return entry === null ? '' : `${entry.consulNode}/${entry.serviceId}`;
}
