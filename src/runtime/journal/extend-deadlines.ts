import type { Queryable } from './due-deadlines.js';

/** A node that has spoken: `at` is when the log took its last message, RFC 3339. */
export type Sign = { readonly nodeId: string; readonly at: string };

/** A node whose deadline did not move, and the state that it rests in; null for one that has no row. */
export type NotExtended = { readonly nodeId: string; readonly status: string | null };

/**
 * Arms the deadline of the kind anew, from the database's clock and for as long as before, for every node that rests in one of
 * the states. Two columns move that no index knows; state, version and journal stay. Rows are locked in key order, as the lanes
 * do. Gives the rest.
 */
export async function extendDeadlines(
  database: Queryable,
  machine: string,
  { kind, statuses }: { readonly kind: string; readonly statuses: readonly string[] },
  signs: readonly Sign[],
): Promise<readonly NotExtended[]> {
  const result = await database.query<NotExtended>(EXTEND, [
    machine,
    kind,
    statuses,
    signs.map(({ nodeId }) => nodeId),
    signs.map(({ at }) => at),
  ]);
  return result.rows;
}

const EXTEND = `
  with locked as materialized (
    select node_id, status, coalesce(status = any($3::text[]) and deadline_kind = $2, false) as extends
    from machine_states
    where machine = $1 and node_id = any($4::text[])
    order by node_id
    for no key update
  ), extended as (
    update machine_states s set
      deadline_at = date_trunc('milliseconds', clock_timestamp()) + s.deadline_after_ms * interval '1 millisecond',
      last_heartbeat_at = greatest(s.last_heartbeat_at, sign.at)
    from unnest($4::text[], $5::timestamptz[]) as sign(node_id, at) join locked using (node_id)
    where s.machine = $1 and s.node_id = sign.node_id and locked.extends
  )
  select sign.node_id as "nodeId", locked.status
  from unnest($4::text[]) as sign(node_id) left join locked using (node_id)
  where locked.extends is not true`;
