import { hash as digest } from 'node:crypto';
import type { NodeType } from '../../messages/index.js';
import { bucketName } from '../drift/buckets.js';

/** Where a registered node stands in Consul. */
export type ConsulNames = {
  /** The synthetic node that carries its service. */
  readonly node: string;
  readonly serviceName: (type: NodeType) => string;
  readonly serviceId: (type: NodeType) => string;
};

/**
 * Consul's names ignore case: `A` and `a` would overwrite each other. So an id with capitals gets a hash behind it, and so does
 * an id that looks as if it had one, else it could be chosen to meet another's.
 */
const AMBIGUOUS = /[A-Z]|-[0-9a-f]{8}$/;

export function consulNames(registryId: string, nodeId: string): ConsulNames {
  const hash = digest('sha256', nodeId);
  const name = AMBIGUOUS.test(nodeId) ? `${nodeId}-${hash.slice(0, 8)}` : nodeId;
  return {
    node: syntheticNode(registryId, Number.parseInt(hash.slice(0, 2), 16)),
    serviceName: (type) => `onex-${type}`,
    serviceId: (type) => `onex-${type}-${name}`,
  };
}

/** One of the 256 nodes that carry the services of registered nodes. */
export function syntheticNode(registryId: string, bucket: number): string {
  return `${registryId}-${bucketName(bucket)}`;
}

export function checkId(serviceId: string): string {
  return `rollcall:${serviceId}`;
}
