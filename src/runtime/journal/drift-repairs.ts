import type { RepairOutcome, RepairRequest } from '../drift/drift-report.js';
import type { Queryable } from './due-deadlines.js';

/** How long a request can be asked for. */
const KEPT_FOR = '7 days';

type Row = {
  readonly id: string;
  readonly backend: RepairRequest['backend'];
  readonly node_id: string | null;
  readonly drift: RepairRequest['drift'];
  readonly dry_run: boolean;
  readonly force: boolean;
};

/**
 * The oldest request that is not done. One that a leader left running is begun anew: what it had asked for already has the same ids
 * the second time.
 */
export async function nextRepair(database: Queryable): Promise<RepairRequest | null> {
  const { rows } = await database.query<Row>(
    `update drift_repairs set state = 'running'
     where id = (select id from drift_repairs where state <> 'done' order by requested_at limit 1)
     returning id, backend, node_id, drift, dry_run, force`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { node_id: nodeId, dry_run: dryRun, ...rest } = row;
  return { ...rest, nodeId, dryRun };
}

/** Also deletes requests that nobody can ask for any more. */
export async function finishRepair(database: Queryable, id: string, outcome: readonly RepairOutcome[]): Promise<void> {
  await database.query(
    `update drift_repairs set state = 'done', finished_at = clock_timestamp(), outcome = $2 where id = $1`,
    [id, JSON.stringify(outcome)],
  );
  await database.query(
    `delete from drift_repairs where state = 'done' and requested_at < clock_timestamp() - interval '${KEPT_FOR}'`,
  );
}

export async function noteRepairs(
  database: Queryable,
  backend: string,
  auditId: string,
  repairs: number,
): Promise<void> {
  await database.query('update drift_status set repairs = $3 where backend = $1 and audit_id = $2', [
    backend,
    auditId,
    repairs,
  ]);
}
