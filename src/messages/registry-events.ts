import { z } from 'zod';
import { BACKENDS, count, nodeId, timestamp } from './fields.js';

/** Mass-expiry protection begins or ends. `node_id` is the registry's id. */
export const expiryProtection = z.object({
  node_id: nodeId,
  held_since: timestamp,
  /** Nodes that would have expired within one window, and those that owed heartbeats, when it was decided. */
  expiring: count,
  live: count,
});

/** Room above it for as many revisions as a node will ever have: all of them are whole numbers to PostgreSQL and GraphQL, of 32 bits. */
export const MAX_FOUND_REVISION = 2 ** 30;

/** What a backend holds is not what it has confirmed: found by the audit, which tells what it judged by. */
export const driftDetected = z.object({
  node_id: nodeId,
  backend: z.enum(BACKENDS),
  /** Not there; there, but different; there, and ours, though nothing of the kind is desired. */
  drift: z.enum(['missing', 'altered', 'ghost']),
  /** Desired revision at the time of the audit; null: nothing was ever desired of the node. */
  revision: count.nullable(),
  /** That of the entry; null where there is none, or it says none that one of ours could ever come up to. */
  found_revision: count.max(MAX_FOUND_REVISION).nullable(),
  /** Fields that differ. */
  differences: z.array(z.string()).max(64),
  /** The very entry that is to go; null where the node's own one is meant. Consul only. */
  entry: z.object({ consul_node: z.string(), service_id: z.string(), service_name: z.string() }).nullable(),
});
