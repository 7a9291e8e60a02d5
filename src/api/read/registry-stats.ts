import { NODE_TYPES, type NodeType } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import { NODE_STATES, type NodeState } from './node.js';
import { rowsOf } from './query.js';

/** Nodes that are alike in what is counted. */
export type Group = {
  readonly state: NodeState;
  /** Null where a node named none that exists: such a node is rejected. */
  readonly nodeType: NodeType | null;
  readonly degraded: boolean;
  readonly inConsul: boolean;
  readonly inPostgres: boolean;
  /** Accepted at some time. */
  readonly accepted: boolean;
  readonly count: number;
};

/** The fleet at one moment. */
export type Census = {
  readonly groups: readonly Group[];
  /** Ids of active nodes: the first 1000, in order. */
  readonly activeNodes: readonly string[];
};

type Row = {
  readonly groups: readonly Group[] | null;
  readonly names: readonly string[];
};

/**
 * Counts the fleet in one statement. Reads every state, and takes each apart once, which is what it costs: 0.4 s at 100,000 nodes
 * on a quiet server; a path expression for each field would be a multiple of that.
 */
export async function takeCensus(database: Database): Promise<Census> {
  const [row] = await rowsOf<Row>(database, { name: 'census', text: CENSUS, values: [[...NODE_TYPES]] });
  return { groups: row?.groups ?? [], activeNodes: row?.names ?? [] };
}

const CENSUS = `
  select
    (select json_agg(groups) from (
      select state, case when node_type = any($1::text[]) then node_type end as "nodeType", degraded, "inConsul", "inPostgres",
        accepted, sum(count)::int as count
      from (
        select status as state, node_type,
          coalesce(degraded, false) as degraded,
          coalesce("consulRegistered", false) as "inConsul",
          coalesce("postgresRegistered", false) as "inPostgres",
          "registeredAt" is not null as accepted,
          count(*) as count
        from machine_states, json_to_record(state::json) as s(
          degraded boolean, "consulRegistered" boolean, "postgresRegistered" boolean, "registeredAt" text)
        where machine = 'orchestrator'
        group by 1, 2, 3, 4, 5, 6
      ) as counted
      group by 1, 2, 3, 4, 5, 6
    ) as groups) as groups,
    array(
      select node_id from machine_states
      where machine = 'orchestrator' and status = 'active'
      order by node_id limit 1000
    ) as names`;

export type RegistryStats = {
  readonly total: number;
  readonly degraded: number;
  /** Every state, in the order of a node's life. */
  readonly byState: readonly { readonly state: NodeState; readonly count: number }[];
  /** Every type; and null, where there are nodes that named none that exists. */
  readonly byType: readonly { readonly nodeType: NodeType | null; readonly count: number }[];
};

export function registryStats({ groups }: Census): RegistryStats {
  const unknown = sum(groups, ({ nodeType }) => nodeType === null);
  return {
    total: sum(groups, () => true),
    degraded: sum(groups, ({ degraded, state }) => degraded && TAKING_PART.includes(state)),
    byState: NODE_STATES.map((state) => ({ state, count: sum(groups, (group) => group.state === state) })),
    byType: [
      ...NODE_TYPES.map((nodeType) => ({ nodeType, count: sum(groups, (group) => group.nodeType === nodeType) })),
      ...(unknown > 0 ? [{ nodeType: null, count: unknown }] : []),
    ],
  };
}

/** See the document RegistrationMetrics (rest/documents.ts) for what each number means. */
export type RegistrationMetrics = {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  readonly consulRegistrations: number;
  readonly postgresRegistrations: number;
  readonly registeredNodes: { readonly count: number; readonly names: readonly string[] };
};

export function registrationMetrics({ groups, activeNodes }: Census): RegistrationMetrics {
  return {
    total: sum(groups, () => true),
    successful: sum(groups, ({ state, accepted }) => accepted && !FAILED.includes(state)),
    failed: sum(groups, ({ state }) => FAILED.includes(state)),
    consulRegistrations: sum(groups, ({ state, inConsul }) => inConsul && HELD.includes(state)),
    postgresRegistrations: sum(groups, ({ state, inPostgres }) => inPostgres && HELD.includes(state)),
    registeredNodes: { count: sum(groups, ({ state }) => state === 'active'), names: activeNodes },
  };
}

/** The node's latest attempt came to nothing. */
const FAILED: readonly NodeState[] = ['rejected', 'ack_timed_out'];
const TAKING_PART: readonly NodeState[] = [
  'pending_registration',
  'accepted',
  'awaiting_ack',
  'ack_received',
  'active',
];
/** In the other states the record was taken away again, which the flags of a state may not tell. */
const HELD: readonly NodeState[] = [...TAKING_PART, 'deregistering'];

function sum(groups: readonly Group[], counted: (group: Group) => boolean): number {
  return groups.reduce((total, group) => (counted(group) ? total + group.count : total), 0);
}
