import type { ClientBase, Pool } from 'pg';
import type { DeadlineKind } from '../lanes/step.js';

/** Where to ask: the pool, or a connection of the asker's own. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** A deadline that has passed. `at`: RFC 3339 with milliseconds, as it stands in the row. */
export type DueDeadline = {
  readonly nodeId: string;
  readonly kind: DeadlineKind;
  readonly at: string;
  readonly correlationId: string;
};

export type Due = {
  readonly kinds: readonly DeadlineKind[];
  readonly nodeIds: readonly string[];
  readonly armedForMs: number;
};

/**
 * Which of the nodes have a deadline of the kinds that has passed by the database's clock, the longest overdue first. Only those
 * that were armed for at most `armedForMs`; none that waits for its announcement, as it has no time yet.
 */
export async function dueDeadlines(
  database: Queryable,
  { kinds, nodeIds, armedForMs }: Due,
): Promise<readonly DueDeadline[]> {
  const { rows } = await database.query<{
    node_id: string;
    deadline_kind: DeadlineKind;
    deadline_at: Date;
    correlation_id: string;
  }>(
    `select node_id, deadline_kind, deadline_at, state::json ->> 'correlationId' as correlation_id
     from machine_states
     where machine = 'orchestrator' and node_id = any($2::text[]) and deadline_kind = any($1::text[])
       and deadline_at <= clock_timestamp() and deadline_after_ms <= $3
     order by deadline_at, node_id`,
    [kinds, nodeIds, Math.floor(Math.min(armedForMs, MAX_INTEGER))],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    kind: row.deadline_kind,
    at: row.deadline_at.toISOString(),
    correlationId: row.correlation_id,
  }));
}

const MAX_INTEGER = 2_147_483_647;

export type FleetSilence = {
  /** Nodes that owe heartbeats. */
  readonly live: number;
  /** Those among them whose remaining time is at most the given share of their window, the overdue included. */
  readonly silent: number;
  /** Nodes that expired within the last `recentMs`. */
  readonly expired: number;
};

/** How much of the fleet is silent now: what mass-expiry protection judges by. Reads the whole fleet. */
export async function fleetSilence(
  database: Queryable,
  { remainingShare, recentMs }: { readonly remainingShare: number; readonly recentMs: number },
): Promise<FleetSilence> {
  const { rows } = await database.query<FleetSilence>(
    `select count(*)::int as live,
       (count(*) filter (where deadline_at <=
         clock_timestamp() + deadline_after_ms * $1::float8 * interval '1 millisecond'))::int as silent,
       (select count(*)::int from machine_states
        where machine = 'orchestrator' and status = 'liveness_expired'
          and updated_at > clock_timestamp() - $2::float8 * interval '1 millisecond') as expired
     from machine_states
     where machine = 'orchestrator' and deadline_kind = 'liveness'`,
    [remainingShare, recentMs],
  );
  const [silence] = rows;
  if (silence === undefined) throw new Error('an aggregate gave no row');
  return silence;
}

/** Nodes that owe heartbeats. */
export async function countLive(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ live: number }>(
    `select count(*)::int as live from machine_states where machine = 'orchestrator' and deadline_kind = 'liveness'`,
  );
  return rows[0]?.live ?? 0;
}
