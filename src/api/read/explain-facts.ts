import type { Database } from '../../runtime/index.js';
import type { Facts } from './facts.js';
import { rowsOf } from './query.js';

/** Null for a node that is (or at `asOf` was) not known. One statement, so all of it is of one moment. */
export async function explainFacts(database: Database, nodeId: string, asOf: string | null): Promise<Facts | null> {
  type Row = { readonly facts: Omit<Facts, 'nodeId' | 'asOf'> | null };
  const [row] = await rowsOf<Row>(database, { name: 'explain-facts', text: FACTS, values: [nodeId, asOf] });
  const facts = row?.facts ?? null;
  return facts === null ? null : { nodeId, asOf, ...facts };
}

/** More steps than are told one by one help nobody. */
const MAX_LATER = 5;
/** The chain from an introspection to its end has about ten links; repeated updates and answers of an attempt add to them. */
const MAX_LINKS = 200;

const rfc3339 = (column: string): string => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** JSON is stored as text, and parsed once however much is asked of it. */
const ENTRY = `journal as j
  cross join lateral (select j.input::json as input, j.outputs::json as outputs offset 0) as parsed`;

const STEP = `json_build_object(
  'eventId', j.event_id, 'eventType', j.event_type, 'occurredAt', ${rfc3339('j.occurred_at')},
  'causationId', j.causation_id, 'rule', j.rule, 'path', j.path, 'source', parsed.input ->> 'source_node_id',
  'said', json_build_object(
    'reason', parsed.input #> '{payload,reason}', 'kind', parsed.input #> '{payload,kind}',
    'deadlineAt', parsed.input #> '{payload,deadline_at}', 'confirmed', parsed.input #> '{payload,confirmed}',
    'pending', parsed.input #> '{payload,pending}', 'errors', parsed.input #> '{payload,errors}'),
  'outputs', coalesce(
    (select json_agg(o.value #> '{message,event_type}' order by o.ordinality)
     from json_array_elements(parsed.outputs) with ordinality as o), '[]'::json),
  'told', json_build_object(
    'reason', parsed.outputs #> '{0,message,payload,reason}', 'changed', parsed.outputs #> '{0,message,payload,changed}',
    'lastHeartbeatAt', parsed.outputs #> '{0,message,payload,last_heartbeat_at}'))`;

const LINK = `json_build_object(
  'eventId', j.event_id, 'eventType', j.event_type, 'occurredAt', ${rfc3339('j.occurred_at')},
  'causationId', j.causation_id, 'source', parsed.input ->> 'source_node_id', 'reason', parsed.input #> '{payload,reason}',
  'outputIds', coalesce(
    (select json_agg(o #> '{message,event_id}') from json_array_elements(parsed.outputs) as o), '[]'::json))`;

const stepOf = (chosen: string): string => `(select ${STEP} from ${ENTRY} where j.id = (select id from ${chosen}))`;

/**
 * `own` has no JSON, so that a long journal costs little; what is told is read by its id. `current` is the step of the highest
 * version that had occurred (see fleet-as-of.ts), `entered` the one that began its state: a path has more than one name.
 */
const FACTS = `
  with own as materialized (
    select id, version, event_type, event_id, rule, path, occurred_at, correlation_id, state_after is not null as is_step,
      occurred_at <= coalesce($2::timestamptz, 'infinity') as had_occurred
    from journal where machine = 'orchestrator' and node_id = $1
  ), current as (
    select * from own where is_step and had_occurred order by version desc limit 1
  ), entered as (
    select own.* from own, current where own.is_step and own.version <= current.version
    order by strpos(own.path, ' > ') > 0 desc, own.version desc limit 1
  ), later as (
    select own.* from own, current, entered
    where own.is_step and own.version > entered.version and own.version <= current.version
  ), newest as (
    select id from later order by version desc limit ${MAX_LATER}
  ), degraded as (
    select own.id from own, entered
    where own.is_step and own.version <= entered.version and own.rule like 'accept\\_degraded%'
    order by own.version desc limit 1
  ), workflow as (
    select both_machines.id
    from (select id, correlation_id from journal where machine in ('orchestrator', 'reducer') and node_id = $1 offset 0)
      as both_machines, entered
    where both_machines.correlation_id = entered.correlation_id and both_machines.id < entered.id
    order by both_machines.id desc limit ${MAX_LINKS}
  ), desired as materialized (
    select state::json as state from machine_states where machine = 'reducer' and node_id = $1 and $2::timestamptz is null
    union all
    (select state_after::json from journal
     where machine = 'reducer' and node_id = $1 and state_after is not null and occurred_at <= $2::timestamptz
     order by version desc limit 1)
  )
  select json_build_object(
    'state', json_build_object(
      'status', now.state -> 'status', 'liveness', now.state -> 'liveness',
      'degraded', now.state -> 'degraded', 'consulRegistered', now.state -> 'consulRegistered',
      'postgresRegistered', now.state -> 'postgresRegistered'),
    'entered', ${stepOf('entered')},
    'later', coalesce(
      (select json_agg(${STEP} order by j.id) from ${ENTRY} where j.id = any(array(select id from newest))), '[]'),
    'laterCount', (select count(*) from later),
    'degradedBy', case when (now.state ->> 'degraded')::boolean then ${stepOf('degraded')} end,
    'ignored', coalesce(
      (select json_agg(json_build_object('rule', rule, 'eventType', event_type, 'count', count, 'newestAt', newest))
       from (
         select own.rule, own.event_type, count(*) as count, ${rfc3339('max(own.occurred_at)')} as newest
         from own, entered where not own.is_step and own.had_occurred and own.id > entered.id
         group by own.rule, own.event_type order by count(*) desc, own.event_type, own.rule
       ) as i), '[]'),
    'links', coalesce(
      (select json_agg(${LINK} order by j.id desc) from ${ENTRY} where j.id = any(array(select id from workflow))),
      '[]'),
    'attempt', (
      select ${LINK} from ${ENTRY} where j.machine = 'orchestrator' and j.node_id = $1
        and j.event_id = (now.state ->> 'attemptId')::uuid),
    'desired', (
      select json_build_object(
        'revision', state #> '{desired,revision}', 'presence', state #> '{desired,presence}',
        'health', state #> '{desired,health}', 'consul', state -> 'consul', 'postgres', state -> 'postgres')
      from desired where state #>> '{desired,revision}' is not null),
    'now', (
      select json_build_object(
        'deadline', case when deadline_at is not null
          then json_build_object(
            'kind', deadline_kind, 'at', ${rfc3339('deadline_at')}, 'passed', deadline_at <= clock_timestamp()) end,
        'lastHeartbeatAt', ${rfc3339('last_heartbeat_at')})
      from machine_states where machine = 'orchestrator' and node_id = $1 and $2::timestamptz is null)
  ) as facts
  from current cross join lateral (
    select state_after::json as state from journal where id = current.id offset 0
  ) as now`;
