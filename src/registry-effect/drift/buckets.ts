import { hash as digest } from 'node:crypto';
import { NODE_ID_PATTERN } from '../../messages/index.js';

/** Pages of an audit: by the first byte of the SHA-256 of the node id, as Consul's synthetic nodes are. */
export const BUCKETS = 256;

export function bucketOf(nodeId: string): number {
  return Number.parseInt(digest('sha256', nodeId).slice(0, 2), 16);
}

/** As the names of Consul's synthetic nodes end. */
export function bucketName(bucket: number): string {
  return bucket.toString(16).padStart(2, '0');
}

/** A node id for an entry of no node that is known: what it says itself, else its own name, written as ids are. */
export function nameOfEntry(says: string | undefined, ownName: string): string {
  if (says !== undefined && NODE_ID_PATTERN.test(says)) return says;
  if (NODE_ID_PATTERN.test(ownName)) return ownName;
  return `entry-${ownName.replace(/[^A-Za-z0-9._-]/g, '_')}`.slice(0, 255);
}
