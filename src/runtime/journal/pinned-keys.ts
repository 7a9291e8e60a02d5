import type { Queryable } from './due-deadlines.js';

/** The key that is known of each node, null where none is; nodes without a row are missing. */
export async function pinnedKeys(
  database: Queryable,
  machine: string,
  nodeIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (nodeIds.length === 0) return new Map();
  const { rows } = await database.query<{ node_id: string; public_key: string | null }>({
    name: 'pinned-keys',
    text: 'select node_id, public_key from machine_states where machine = $1 and node_id = any($2::text[])',
    values: [machine, nodeIds],
  });
  return new Map(rows.map(({ node_id: nodeId, public_key: key }) => [nodeId, key]));
}
