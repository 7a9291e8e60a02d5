import type { Database, RepairOutcome, RepairRequest } from '../../runtime/index.js';
import { heldDocuments, type HeldDocument } from './drift-status.js';
import { rowsOf } from './query.js';

/** A repair that an operator asked for. Times are RFC 3339, UTC. */
export type DriftRepair = {
  readonly id: string;
  readonly status: 'pending' | 'running' | 'done';
  /** Null: all. */
  readonly backend: RepairRequest['backend'];
  readonly nodeId: string | null;
  readonly drift: RepairRequest['drift'];
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  /** What it came to at each backend; empty until it is done. */
  readonly outcome: readonly (Omit<RepairOutcome, 'held'> & { readonly held: readonly HeldDocument[] })[];
};

type Row = {
  readonly id: string;
  readonly state: DriftRepair['status'];
  readonly backend: RepairRequest['backend'];
  readonly node_id: string | null;
  readonly drift: RepairRequest['drift'];
  readonly dry_run: boolean;
  readonly force: boolean;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly outcome: readonly RepairOutcome[];
};

const COLUMNS = 'id, state, backend, node_id, drift, dry_run, force, requested_at, finished_at, outcome';
/** Requests that are not done; each costs an audit. */
const MAX_OPEN = 100;

/** Null where too many wait already. */
export async function insertDriftRepair(database: Database, request: RepairRequest): Promise<DriftRepair | null> {
  const { id, backend, nodeId, drift, dryRun, force } = request;
  const text = `
    insert into drift_repairs (id, backend, node_id, drift, dry_run, force)
    select $1, $2, $3, $4, $5, $6
    where (select count(*) from drift_repairs where state <> 'done') < ${MAX_OPEN}
    returning ${COLUMNS}`;
  const [row] = await rowsOf<Row>(database, { text, values: [id, backend, nodeId, drift, dryRun, force] });
  return row === undefined ? null : documentOf(row);
}

export async function driftRepair(database: Database, id: string): Promise<DriftRepair | null> {
  const text = `select ${COLUMNS} from drift_repairs where id = $1`;
  const [row] = await rowsOf<Row>(database, { text, values: [id] });
  return row === undefined ? null : documentOf(row);
}

function documentOf({ state, node_id, dry_run, requested_at, finished_at, outcome, ...row }: Row): DriftRepair {
  return {
    id: row.id,
    status: state,
    backend: row.backend,
    nodeId: node_id,
    drift: row.drift,
    dryRun: dry_run,
    force: row.force,
    requestedAt: requested_at.toISOString(),
    finishedAt: finished_at?.toISOString() ?? null,
    outcome: outcome.map((one) => ({ ...one, held: heldDocuments(one.held) })),
  };
}
