import { z } from 'zod';
import { BACKENDS, count, nodeId, timestamp } from './fields.js';

/** Mass-expiry protection begins or ends. `node_id` is the registry's id. */
export const expiryProtection = z.object({
  node_id: nodeId.describe('Id of the registry; also the key of the record'),
  held_since: timestamp.describe('Since when nothing expires'),
  expiring: count.describe('Nodes that would have expired within one window, when it was decided'),
  live: count.describe('Nodes that owed heartbeats then'),
});

/** Room above it for as many revisions as a node will ever have: all of them are whole numbers to PostgreSQL and GraphQL, of 32 bits. */
export const MAX_FOUND_REVISION = 2 ** 30;

/** What a backend holds is not what it has confirmed: found by the audit, which tells what it judged by. */
export const driftDetected = z.object({
  node_id: nodeId,
  backend: z.enum(BACKENDS).describe('Who does not hold what is desired'),
  drift: z
    .enum(['missing', 'altered', 'ghost'])
    .describe('Not there; there, but different; there, and ours, though nothing of the kind is desired'),
  revision: count
    .nullable()
    .describe('Desired revision at the time of the audit; null: nothing was ever desired of the node'),
  found_revision: count
    .max(MAX_FOUND_REVISION)
    .nullable()
    .describe('That of the entry; null where there is none, or it says none that one of ours could ever come up to'),
  differences: z.array(z.string()).max(64).describe('Fields that differ'),
  entry: z
    .object({ consul_node: z.string(), service_id: z.string(), service_name: z.string() })
    .nullable()
    .describe("The very entry that is to go; null where the node's own one is meant. Consul only"),
});
