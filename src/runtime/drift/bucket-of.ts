import { createHash } from 'node:crypto';

/** Bucket of a node: the first byte of its id's SHA-256, 0-255. The index of migration 8 has the same. */
export function bucketOf(nodeId: string): number {
  return createHash('sha256').update(nodeId).digest()[0] ?? 0;
}
