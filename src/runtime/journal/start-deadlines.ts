import type { Queryable } from './due-deadlines.js';

/** An input whose outputs are in the log. */
export type Announced = { readonly nodeId: string; readonly eventId: string };

/**
 * Lets the deadlines begin that steps on these inputs have set and their outputs tell of: from the database's clock, now that the
 * node can know. One that runs already stays as it is, and so does one that a later step has set, so an input may come again, and
 * a copy of it, without giving anybody more time. One column moves that no index knows; state, version and journal stay. Rows are
 * locked in key order, as the lanes do.
 */
export async function startDeadlines(
  database: Queryable,
  machine: string,
  announced: readonly Announced[],
): Promise<void> {
  await database.query(START, [
    machine,
    announced.map(({ nodeId }) => nodeId),
    announced.map(({ eventId }) => eventId),
  ]);
}

/** Times of rows are whole milliseconds: rounded up, so that nobody has less than was promised. */
const START = `
  with locked as materialized (
    select s.node_id
    from unnest($2::text[], $3::uuid[]) as announced(node_id, event_id)
    join machine_states s on s.node_id = announced.node_id and s.deadline_announced_by = announced.event_id
    where s.machine = $1 and s.deadline_at is null
    order by s.node_id
    for no key update of s
  )
  update machine_states s
  set deadline_at = date_trunc('milliseconds', clock_timestamp()) + (s.deadline_after_ms + 1) * interval '1 millisecond'
  from locked
  where s.machine = $1 and s.node_id = locked.node_id`;
