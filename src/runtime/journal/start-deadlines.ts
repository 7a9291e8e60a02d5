import type { Queryable } from './due-deadlines.js';
import type { StepInput } from './rows.js';

/** An input whose outputs are in the log. */
export type Announced = StepInput;

/**
 * Lets the deadlines begin that steps on these inputs have set and their outputs tell of: from the database's clock, now that the
 * node can know. One that runs already stays as it is, and so does one that a later step has set, so an input may come again, and
 * a copy of it, without giving anybody more time. One column moves that no index knows; state, version and journal stay. Rows are
 * locked in key order, as the lanes do.
 */
export async function startDeadlines(database: Queryable, announced: readonly Announced[]): Promise<void> {
  await database.query({
    name: 'start-deadlines',
    text: START,
    values: [
      announced.map(({ machine }) => machine),
      announced.map(({ nodeId }) => nodeId),
      announced.map(({ eventId }) => eventId),
    ],
  });
}

/** Times of rows are whole milliseconds: rounded up, so that nobody has less than was promised. */
const START = `
  with announced as materialized (
    select * from unnest($1::text[], $2::text[], $3::uuid[]) as a(machine, node_id, event_id) order by 1, 2
  ), locked as materialized (
    select locked.machine, locked.node_id
    from announced a, lateral (
      select s.machine, s.node_id from machine_states s
      where s.machine = a.machine and s.node_id = a.node_id and s.deadline_announced_by = a.event_id
        and s.deadline_at is null
      for no key update of s
    ) as locked
  )
  update machine_states s
  set deadline_at = date_trunc('milliseconds', clock_timestamp()) + (s.deadline_after_ms + 1) * interval '1 millisecond'
  from locked
  where s.machine = locked.machine and s.node_id = locked.node_id`;
