import { bucketOf as compute } from '../runtime/drift/bucket-of.js';

const known = new Map<string, number>();

/** The audit's bucket of a node; few nodes, asked for often. */
export function bucketOf(nodeId: string): number {
  let bucket = known.get(nodeId);
  if (bucket === undefined) known.set(nodeId, (bucket = compute(nodeId)));
  return bucket;
}
