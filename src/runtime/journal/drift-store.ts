import type { AuditReport, DesiredRow, RepairOutcome, RepairRequest } from '../drift/drift-report.js';
import type { Queryable } from './due-deadlines.js';
import { bucketDigests, desiredOfBucket, journalEnd, versionsOfBucket } from './desired-buckets.js';
import { finishRepair, nextRepair, noteRepairs } from './drift-repairs.js';
import { writeAudit } from './write-audit.js';

/**
 * What the drift audit works on: the reducer's rows, and its own tables. In PostgreSQL it is the connection that holds the leader's
 * lock. Every verb rejects while the store cannot be reached, or the lead is lost.
 */
export type DriftStore = {
  /** A text that is another one as soon as a machine took a step; `0` where none ever did. */
  journalEnd(): Promise<string>;
  /** For each bucket a text that is another one when the reducer took a step for a node in it. */
  digests(): Promise<readonly string[]>;
  /** The reducer's rows of a bucket, in the order of their node ids. */
  desired(bucket: number): Promise<readonly DesiredRow[]>;
  /** The versions of these rows, by node id. */
  versions(bucket: number): Promise<ReadonlyMap<string, number>>;
  /** Replaces what is told of a backend; where the audit was cut off, findings of before stay. */
  writeAudit(report: AuditReport): Promise<void>;
  /** Repairs that the reducer has been asked for since the report was written. */
  noteRepairs(backend: string, auditId: string, repairs: number): Promise<void>;
  /** The oldest request that is not done, which is running now; null where there is none. */
  nextRepair(): Promise<RepairRequest | null>;
  finishRepair(id: string, outcome: readonly RepairOutcome[]): Promise<void>;
};

/** The verbs on a connection, or on a pool. */
export function driftStore(database: Queryable): DriftStore {
  return {
    journalEnd: () => journalEnd(database),
    digests: () => bucketDigests(database),
    desired: (bucket) => desiredOfBucket(database, bucket),
    versions: (bucket) => versionsOfBucket(database, bucket),
    writeAudit: (report) => writeAudit(database, report),
    noteRepairs: (backend, auditId, repairs) => noteRepairs(database, backend, auditId, repairs),
    nextRepair: () => nextRepair(database),
    finishRepair: (id, outcome) => finishRepair(database, id, outcome),
  };
}
