import type { Backend } from '../../messages/index.js';
import { BUCKETS } from '../../runtime/drift/backend-audit.js';
import type { AuditReport, DesiredRow, RepairOutcome, RepairRequest } from '../../runtime/drift/drift-report.js';
import type { DriftStore } from '../../runtime/journal/drift-store.js';
import { bucketOf } from '../buckets.js';
import type { Owner } from '../time/virtual-time.js';
import type { LeaderSession } from './leader-sessions.js';
import type { StateRow } from './rows.js';
import type { StateTable } from './state-table.js';

type StoredRequest = { readonly request: RepairRequest; outcome: readonly RepairOutcome[] | null };

/** drift_status with its findings, and drift_repairs. */
export class DriftTable {
  readonly status = new Map<Backend, AuditReport>();
  readonly requests: StoredRequest[] = [];

  ask(request: RepairRequest): void {
    this.requests.push({ request, outcome: null });
  }
}

type Parts = {
  readonly table: StateTable;
  readonly drift: DriftTable;
  /** A request of an operator is handed out. */
  readonly onRequest: (owner: Owner, request: RepairRequest) => void;
};

/** The audit's verbs on the session that holds its lock: they fail with it. */
export function driftVerbs(session: LeaderSession, { table, drift, onRequest }: Parts): DriftStore {
  return {
    journalEnd: () => session.ask('end of the journal', () => String(table.entries.size)),
    digests: () =>
      session.ask('digests', () => {
        const digests = new Map<number, string>();
        for (const { nodeId, version } of reducerRows(table)) {
          const bucket = bucketOf(nodeId);
          digests.set(bucket, `${digests.get(bucket) ?? ''} ${nodeId}:${version}`);
        }
        return Array.from({ length: BUCKETS }, (_, bucket) => digests.get(bucket) ?? '');
      }),
    desired: (bucket) => ofRows(session, table, bucket, 'desired', (rows) => rows.map(desiredRow)),
    versions: (bucket) =>
      ofRows(
        session,
        table,
        bucket,
        'versions',
        (rows) => new Map(rows.map(({ nodeId, version }) => [nodeId, version])),
      ),
    writeAudit: (report) =>
      session.ask('write the audit', () => {
        const known = drift.status.get(report.backend);
        const findings = report.cutOff === null ? report.findings : (known?.findings ?? []);
        drift.status.set(report.backend, { ...report, findings });
      }),
    noteRepairs: (backend, auditId, repairs) =>
      session.ask('note repairs', () => {
        const known = drift.status.get(backend as Backend);
        if (known?.auditId === auditId) drift.status.set(known.backend, { ...known, repairs });
      }),
    nextRepair: () =>
      session.ask('next repair', () => {
        const next = drift.requests.find(({ outcome }) => outcome === null)?.request ?? null;
        if (next !== null) onRequest(session.owner, next);
        return next;
      }),
    finishRepair: (id, outcome) =>
      session.ask('finish repair', () => {
        const stored = drift.requests.find(({ request }) => request.id === id);
        if (stored !== undefined) stored.outcome = outcome;
      }),
  };
}

/** Nearly all buckets are empty, and an audit asks for each: such an answer takes no time. The next request shows a broken session. */
function ofRows<T>(
  session: LeaderSession,
  table: StateTable,
  bucket: number,
  what: string,
  answer: (rows: readonly StateRow[]) => T,
): Promise<T> {
  const rows = (): readonly StateRow[] => reducerRows(table).filter(({ nodeId }) => bucketOf(nodeId) === bucket);
  return rows().length === 0 ? Promise.resolve(answer([])) : session.ask(what, () => answer(rows()));
}

function reducerRows(table: StateTable): readonly StateRow[] {
  return [...table.rows.values()].filter(({ machine }) => machine === 'reducer');
}

type ReducerState = {
  readonly desired: DesiredRow['desired'];
} & Readonly<Record<Backend, { readonly confirmed: number }>>;

function desiredRow({ nodeId, version, state }: StateRow): DesiredRow {
  const { desired, consul, postgres } = state as unknown as ReducerState;
  return { nodeId, version, desired, confirmed: { consul: consul.confirmed, postgres: postgres.confirmed } };
}
