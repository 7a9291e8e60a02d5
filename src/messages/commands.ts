import { z } from 'zod';
import { nodeId, optional, timestamp } from './fields.js';
import { nodeDescription } from './node-messages.js';

/** A command means exactly what it says: unlike events, unknown fields are refused. */
export const registerNode = z.strictObject({
  ...nodeDescription,
  acknowledgement: z.enum(['required', 'waived']).default('waived'),
  liveness: z.enum(['heartbeat', 'none']).default('none'),
});

export const deregisterNode = z.strictObject({ node_id: nodeId, reason: optional(z.string().max(1024)) });

export const DEADLINE_KINDS = ['ack', 'liveness', 'degraded'] as const;

/** A marker in the topic that it judges: what precedes it in the partition came in time. */
export const deadlinePassed = z.object({
  node_id: nodeId,
  kind: z.enum(DEADLINE_KINDS),
  deadline_at: timestamp,
});

export const registryRequestIntrospection = z.object({ node_id: nodeId, target_node_id: optional(nodeId) });
