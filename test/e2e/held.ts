import { expect } from '@jest/globals';
import { canonicalJson, NODE_TYPES } from '../../src/messages/index.js';
import { until } from '../support/stack.js';
import type { World } from './world.js';

/** What is known of a node, wherever it is kept. */
export type Held = {
  /** Of its workflow: null when there is none. */
  readonly state: string | null;
  /** Kind of the deadline that is armed. */
  readonly deadline: string | null;
  /** Its services in Consul, as `{type} {health}`. */
  readonly consul: readonly string[];
  /** Its row in node_registrations, as `{state} {type} {version}`; null when there is none. */
  readonly postgres: string | null;
};

/** Of an active node as the tests describe it by default. */
export const ACTIVE: Held = {
  state: 'active',
  deadline: 'liveness',
  consul: ['effect passing'],
  postgres: 'active effect 1.0.0',
};
export const AWAITING_ACK: Held = {
  state: 'awaiting_ack',
  deadline: 'ack',
  consul: ['effect critical'],
  postgres: 'registered effect 1.0.0',
};
/** Of one that both backends have forgotten. */
export function gone(state: string): Held {
  return { state, deadline: null, consul: [], postgres: 'deregistered effect 1.0.0' };
}

type Service = {
  readonly Service: { readonly Service: string; readonly Meta: Readonly<Record<string, string>> };
  readonly Checks: readonly { readonly CheckID: string; readonly Status: string }[];
};

/** Every service of the registry in Consul's catalog, by node id, as `{type} {health}`. */
export async function inConsul(world: World, nodeId?: string): Promise<Map<string, string[]>> {
  const filter = [`Service.Meta.owner == "${world.registryId}"`];
  if (nodeId !== undefined) filter.push(`Service.Meta.node_id == "${nodeId}"`);
  const query = `filter=${encodeURIComponent(filter.join(' and '))}&consistent`;
  const found = new Map<string, string[]>();
  for (const type of NODE_TYPES) {
    for (const { Service, Checks } of await world.consul<Service[]>(`/v1/health/service/onex-${type}?${query}`)) {
      const health = Checks.find(({ CheckID }) => CheckID.startsWith('rollcall:'))?.Status ?? 'unchecked';
      const id = Service.Meta['node_id'] ?? '';
      found.set(id, [...(found.get(id) ?? []), `${type} ${health}`]);
    }
  }
  return found;
}

export async function heldOf(world: World, nodeId: string): Promise<Held> {
  const [workflow] = await world.rows<{ status: string; deadline_kind: string | null }>(
    `select status, deadline_kind from machine_states where machine = 'orchestrator' and node_id = $1`,
    [nodeId],
  );
  const [row] = await world.rows<{ state: string; node_type: string; node_version: string }>(
    'select state, node_type, node_version from node_registrations where node_id = $1',
    [nodeId],
  );
  return {
    state: workflow?.status ?? null,
    deadline: workflow?.deadline_kind ?? null,
    consul: (await inConsul(world, nodeId)).get(nodeId) ?? [],
    postgres: row === undefined ? null : `${row.state} ${row.node_type} ${row.node_version}`,
  };
}

/** The backends follow what the workflow decided: waits for them, and compares. */
export async function expectHeld(world: World, nodeId: string, held: Held): Promise<void> {
  const agrees = async (): Promise<boolean> => JSON.stringify(await heldOf(world, nodeId)) === JSON.stringify(held);
  // What was expected tells more than that it was waited for.
  await until(agrees, { everyMs: 400, what: `what is held of ${nodeId}` }).catch(() => undefined);
  expect(await heldOf(world, nodeId)).toEqual(held);
}

/** Nodes that a backend does not hold as the reducer's desired records want; waits until all answers are in. */
export async function differences(world: World): Promise<readonly string[]> {
  await until(
    async () =>
      (
        await world.rows(
          `select 1 from machine_states where machine = 'reducer' and state::json -> 'desired' is not null
           and json_typeof(state::json -> 'desired') = 'object' and status <> 'complete' limit 1`,
        )
      ).length === 0,
    { everyMs: 200, what: 'both backends to have answered every intent' },
  );
  const desired = await world.rows<Compared>(
    `select s.node_id,
       case when d->>'presence' = 'present' then (d #>> '{record,nodeType}') || ' ' || (d->>'health') else '' end as consul,
       case when d->>'presence' = 'absent' then 'deregistered'
         when d->>'health' = 'passing' then 'active' else 'registered' end as state,
       d->>'revision' as revision,
       case when d->>'presence' = 'present' then d->'record' end as record,
       r.state as held_state, r.revision as held_revision, to_json(r) as held
     from machine_states s cross join lateral (select s.state::json -> 'desired' as d) desired
       left join node_registrations r using (node_id)
     where s.machine = 'reducer' and json_typeof(d) = 'object'`,
  );
  const services = await inConsul(world);
  const wrong = desired.flatMap((node) => {
    const found = (services.get(node.node_id) ?? []).join(', ');
    return [
      ...(found === node.consul ? [] : [`${node.node_id}: Consul has "${found}", desired is "${node.consul}"`]),
      ...rowDifferences(node).map((difference) => `${node.node_id}: node_registrations has ${difference}`),
    ];
  });
  const known = new Set(desired.map(({ node_id: nodeId }) => nodeId));
  return [...wrong, ...[...services.keys()].filter((nodeId) => !known.has(nodeId)).map((id) => `${id}: unknown`)];
}

type Compared = {
  readonly node_id: string;
  readonly consul: string;
  readonly state: string;
  readonly revision: string;
  /** Null where the node is to be gone. */
  readonly record: Readonly<Record<string, unknown>> | null;
  readonly held_state: string | null;
  readonly held_revision: string | null;
  readonly held: Readonly<Record<string, unknown>> | null;
};

const COLUMNS = {
  node_type: 'nodeType',
  node_version: 'nodeVersion',
  capabilities: 'capabilities',
  capability_tags: 'capabilityTags',
  endpoints: 'endpoints',
  metadata: 'metadata',
  health_endpoint: 'healthEndpoint',
  incarnation: 'incarnation',
} as const;

function rowDifferences(node: Compared): string[] {
  const { state, revision, record, held } = node;
  // Whoever was never written need not be written off.
  if (held === null) return state === 'deregistered' ? [] : [`no row, desired is ${state}`];
  const wrong: string[] = [];
  if (node.held_state !== state) wrong.push(`${node.held_state}, desired is ${state}`);
  if (node.held_revision !== revision) wrong.push(`revision ${node.held_revision}, desired is ${revision}`);
  for (const [column, field] of record === null ? [] : Object.entries(COLUMNS)) {
    const has = canonicalJson(held[column]);
    const wanted = canonicalJson(record?.[field]);
    if (has !== wanted) wrong.push(`${column} ${has}, desired is ${wanted}`);
  }
  return wrong;
}
