import type { GuardRow } from '../../runtime/journal/expiry-guard.js';
import type { MachineEntry, NodeRow } from '../../runtime/journal/rows.js';
import type { DeadlineKind, MachineState } from '../../runtime/lanes/step.js';

/** A row of machine_states. Times are epoch milliseconds by the database's clock, unless they say otherwise. */
export type StateRow = {
  readonly machine: string;
  readonly nodeId: string;
  readonly version: number;
  readonly status: string;
  readonly text: string;
  readonly state: MachineState;
  readonly deadlineKind: DeadlineKind | null;
  readonly deadlineAfterMs: number | null;
  readonly deadlineAt: number | null;
  readonly deadlineAnnouncedBy: string | null;
  /** RFC 3339. */
  readonly lastHeartbeatAt: string | null;
  readonly updatedAt: number;
  /** Commit that made the row. */
  readonly createdBy: number;
  /** True time of its making. */
  readonly createdAt: number;
};

/** A row of the journal, with the commit that wrote it and the true times of that and of the statement. */
export type JournalRow = MachineEntry & {
  readonly commit: number;
  readonly at: number;
  readonly writtenAt: number;
};

export type StoredGuard = Omit<GuardRow, 'released'> & { readonly releasedUntil: number };

export function loadedRow(row: StateRow): NodeRow {
  const { deadlineKind: kind, deadlineAt } = row;
  return {
    version: row.version,
    state: row.state,
    deadline: kind === null || deadlineAt === null ? null : { kind, at: new Date(deadlineAt).toISOString() },
    lastHeartbeatAt: row.lastHeartbeatAt,
  };
}
