import type { Database } from '../../runtime/index.js';
import { rowsOf } from './query.js';

/** A step of a node's workflow, with what tells how a command went. Times are the database's but for `occurredAt`. */
export type WorkflowStep = {
  readonly eventId: string;
  readonly eventType: string;
  /** As contract.yaml of the orchestrator names it. */
  readonly rule: string;
  readonly path: string;
  readonly toStatus: string;
  /** Append time of the message. RFC 3339, UTC. */
  readonly occurredAt: string;
  /** When the step was stored; epoch milliseconds. */
  readonly recordedAt: number;
  /** Of the state after the step; null where the message was ignored. */
  readonly workflowVersion: number | null;
  /** Of what the step answers; null where it answers nothing. */
  readonly answeredVersion: number | null;
  /** Whether the backend held the node after the step. */
  readonly consulRegistered: boolean;
  readonly postgresRegistered: boolean;
  /** Why the node was turned down or is on its way out, in words for people; null where it is neither. */
  readonly reason: string | null;
};

/** A command that came by the api: `id` is its event id. */
export type CommandOf = { readonly id: string; readonly nodeId: string };

/** Columns of the journal, and the few parts of its JSON that matter: inputs and states can be large. */
export type WorkflowStepRow = {
  readonly event_id: string;
  readonly event_type: string;
  readonly rule: string;
  readonly path: string;
  readonly to_status: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly workflow_version: number | null;
  readonly answered_version: number | null;
  readonly consul_registered: boolean | null;
  readonly postgres_registered: boolean | null;
  readonly rejection: string | null;
  readonly errors: readonly { readonly error_code: string; readonly error_message: string }[] | null;
  readonly state_reason: string | null;
};

/**
 * What happened to each command's node from the step that the command was itself, that one first, in the order of the steps.
 * Messages that changed nothing are left out, but for the command. A command that was not decided yet has no steps.
 */
export async function workflowSteps(
  database: Database,
  commands: readonly CommandOf[],
): Promise<ReadonlyMap<string, readonly WorkflowStep[]>> {
  const steps = new Map<string, WorkflowStep[]>(commands.map(({ id }) => [id, []]));
  const nodes = new Map(commands.map(({ id, nodeId }) => [id, nodeId]));
  const rows = await rowsOf<WorkflowStepRow & { readonly command_id: string }>(database, {
    name: 'workflow-steps',
    text: STEPS,
    values: [[...nodes.keys()], [...nodes.values()]],
  });
  for (const row of rows) steps.get(row.command_id)?.push(stepOf(row));
  return steps;
}

/** More steps than an attempt takes: what ends it is among the first few. */
const MAX_STEPS = 200;

/**
 * A node's entries are found by the unique index; `offset 0` keeps PostgreSQL from walking all newer entries of the whole
 * journal by their id instead. A command that was ignored has no state of its own: what held then is that of the entry before,
 * or, where retention took it, the state that nothing has changed since.
 */
const STEPS = `
  select c.id as command_id, s.*
  from unnest($1::uuid[], $2::text[]) as c(id, node_id)
  join journal as first
    on first.machine = 'orchestrator' and first.node_id = c.node_id and first.event_id = c.id
  left join lateral (
    select p.state_after as state
    from (select * from journal where machine = 'orchestrator' and node_id = c.node_id offset 0) as p
    where first.state_after is null and p.id < first.id and p.state_after is not null
    order by p.id desc
    limit 1
  ) as before on true
  left join machine_states as now
    on first.state_after is null and now.machine = 'orchestrator' and now.node_id = c.node_id
  cross join lateral (
    select j.event_id, j.event_type, j.rule, j.path, j.to_status, j.occurred_at, j.recorded_at,
      (after.state ->> 'workflowVersion')::int as workflow_version,
      case when j.rule in ('finish_update', 'fail_update')
        then (j.input::json #>> '{payload,workflow_version}')::int end as answered_version,
      (after.or_before ->> 'consulRegistered')::boolean as consul_registered,
      (after.or_before ->> 'postgresRegistered')::boolean as postgres_registered,
      case when j.rule in ('reject', 'refuse', 'fail_registration')
        then j.outputs::json #>> '{0,message,payload,reason}' end as rejection,
      case when j.rule = 'fail_update' then j.input::json #> '{payload,errors}' end as errors,
      after.state ->> 'reason' as state_reason
    from (select * from journal where machine = 'orchestrator' and node_id = c.node_id offset 0) as j
      cross join lateral (
        select j.state_after::json as state, coalesce(j.state_after, before.state, now.state)::json as or_before offset 0
      ) as after
    where j.id = first.id or (j.id > first.id and j.state_after is not null and j.rule <> 'refuse')
    order by j.id
    limit ${MAX_STEPS}
  ) as s`;

export function stepOf(row: WorkflowStepRow): WorkflowStep {
  const errors = (row.errors ?? []).map((error) => `${error.error_code}: ${error.error_message}`).join('; ');
  // Both backends hold the changed record, also of a node that was accepted without one of them.
  const updated = row.rule === 'finish_update';
  return {
    eventId: row.event_id,
    eventType: row.event_type,
    rule: row.rule,
    path: row.path,
    toStatus: row.to_status,
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.getTime(),
    workflowVersion: row.workflow_version,
    answeredVersion: row.answered_version,
    consulRegistered: updated || row.consul_registered === true,
    postgresRegistered: updated || row.postgres_registered === true,
    reason: row.rejection ?? (errors === '' ? row.state_reason : errors),
  };
}
