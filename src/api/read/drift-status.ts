import {
  decidedBy,
  heldText,
  type Counts,
  type Database,
  type Held,
  type HeldReason,
  type RepairOutcome,
} from '../../runtime/index.js';
import { rowsOf } from './query.js';

/** A part of what was found that is not repaired, and why. */
export type HeldDocument = {
  readonly reason: HeldReason;
  readonly entries: number;
  /** `waits`: passes by itself. `operator`: see `text`. `nobody`: there is nothing to repair it with. */
  readonly decidedBy: 'waits' | 'operator' | 'nobody';
  readonly text: string;
};

/** What the last audit of one backend came to. Times are RFC 3339, UTC. */
export type BackendDrift = {
  readonly backend: RepairOutcome['backend'];
  /** `clean`: nothing of ours differs. `held`: an operator has to decide. `incomplete`: the audit was cut off. */
  readonly status: 'clean' | 'drifting' | 'held' | 'incomplete';
  readonly auditId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Desired nodes that were compared, and entries that the backend holds. */
  readonly compared: number;
  readonly entries: number;
  /** Nodes whose intent is on its way, or was refused: not judged. */
  readonly unsettled: number;
  /** Of 256 buckets those in which nothing had changed since they were compared. */
  readonly skippedBuckets: number;
  readonly counts: Counts;
  /** Why the audit did not come to its end. */
  readonly cutOff: string | null;
  readonly held: readonly HeldDocument[];
  readonly heldSince: string | null;
  /** Repairs that the audit asked the reducer for. */
  readonly repairs: number;
};

type Row = {
  readonly backend: BackendDrift['backend'];
  readonly audit_id: string;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly compared: number;
  readonly entries: number;
  readonly unsettled: number;
  readonly skipped_buckets: number;
  readonly counts: Counts;
  readonly cut_off: string | null;
  readonly held: readonly Held[];
  readonly held_since: Date | null;
  readonly needs_operator: boolean;
  readonly repairs: number;
};

/** The last audit of each backend; empty before the first. */
export async function driftStatus(database: Database): Promise<readonly BackendDrift[]> {
  const text = `
    select backend, audit_id, started_at, finished_at, compared, entries, unsettled, skipped_buckets, counts, cut_off, held,
      held_since, needs_operator, repairs
    from drift_status order by backend`;
  return (await rowsOf<Row>(database, { text, values: [] })).map(documentOf);
}

export function heldDocuments(held: readonly Held[]): readonly HeldDocument[] {
  return held.map((one) => ({ ...one, decidedBy: decidedBy(one.reason), text: heldText(one.reason) }));
}

function documentOf(row: Row): BackendDrift {
  const { backend, compared, entries, unsettled, counts, repairs } = row;
  return {
    backend,
    status: statusOf(row),
    auditId: row.audit_id,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
    compared,
    entries,
    unsettled,
    skippedBuckets: row.skipped_buckets,
    counts,
    cutOff: row.cut_off,
    held: heldDocuments(row.held),
    heldSince: row.held_since?.toISOString() ?? null,
    repairs,
  };
}

function statusOf({ needs_operator: needsOperator, cut_off: cutOff, counts }: Row): BackendDrift['status'] {
  if (cutOff !== null) return 'incomplete';
  if (needsOperator) return 'held';
  return counts.missing + counts.altered + counts.ghost > 0 ? 'drifting' : 'clean';
}
