import { SNAPSHOT_STATES } from '../../messages/index.js';
import type { Level, NodeNow, PresentState, SnapshotStore } from '../snapshots/snapshot-store.js';
import type { Database } from './database.js';

type LevelRow = { readonly node_id: string; readonly version: number; readonly present: boolean };
type NodeRow = {
  readonly node_id: string;
  readonly version: number;
  /** {@link PresentState}, as JSON text; null where the node takes no part. */
  readonly state: string | null;
};

/** The orchestrator's states, as snapshots tell of them. */
export function snapshotStates(database: Pick<Database, 'pool'>): SnapshotStore {
  return {
    levels: (nodeIds) => levelsOf(database, nodeIds),
    nodes: (nodeIds) => nodesById(database, nodeIds),
  };
}

async function levelsOf(
  database: Pick<Database, 'pool'>,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, Level>> {
  const { rows } = await database.pool.query<LevelRow>(
    `select node_id, version, status = any($2::text[]) as present from machine_states
     where machine = 'orchestrator' and node_id = any($1::text[])`,
    [nodeIds, SNAPSHOT_STATES],
  );
  return new Map(rows.map(({ node_id, version, present }) => [node_id, { version, isPresent: present }]));
}

async function nodesById(database: Pick<Database, 'pool'>, nodeIds: readonly string[]): Promise<readonly NodeNow[]> {
  const { rows } = await database.pool.query<NodeRow>(
    `select node_id, version, case when status = any($2::text[]) then state end as state from machine_states
     where machine = 'orchestrator' and node_id = any($1::text[])`,
    [nodeIds, SNAPSHOT_STATES],
  );
  return rows.map(nodeOf);
}

/** Nodes that take part, behind one of them, in the order of their ids. */
export async function nodesAfter(
  database: Pick<Database, 'pool'>,
  nodeId: string,
  limit: number,
): Promise<readonly NodeNow[]> {
  const { rows } = await database.pool.query<NodeRow>(
    `select node_id, version, state from machine_states
     where machine = 'orchestrator' and status = any($2::text[]) and node_id > $1
     order by node_id limit $3`,
    [nodeId, SNAPSHOT_STATES, limit],
  );
  return rows.map(nodeOf);
}

function nodeOf({ node_id: nodeId, version, state }: NodeRow): NodeNow {
  return { nodeId, version, state: state === null ? null : (JSON.parse(state) as PresentState) };
}
