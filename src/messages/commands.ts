import { z } from 'zod';
import { nodeId, optional, publicKey, timestamp } from './fields.js';
import { nodeDescription } from './node-messages.js';

/** A command means exactly what it says: unlike events, unknown fields are refused. */
export const registerNode = z.strictObject({
  ...nodeDescription,
  acknowledgement: z
    .enum(['required', 'waived'])
    .default('waived')
    .describe('Whether the node has to acknowledge before it is active'),
  liveness: z.enum(['heartbeat', 'none']).default('none').describe('Whether the node owes heartbeats'),
  public_key: optional(publicKey).describe(
    'Key that the messages of the node are signed with from now on, in place of the one known; 32 bytes in base64url',
  ),
});

export const deregisterNode = z.strictObject({
  node_id: nodeId,
  reason: optional(z.string().max(1024)).describe('Why the node is taken out, in words'),
});

export const DEADLINE_KINDS = ['ack', 'liveness', 'degraded'] as const;

/** A marker in the topic that it judges: what precedes it in the partition came in time. */
export const deadlinePassed = z.object({
  node_id: nodeId,
  kind: z.enum(DEADLINE_KINDS).describe('Which deadline it is'),
  deadline_at: timestamp.describe('When it passed, by the clock of the state database'),
});

export const registryRequestIntrospection = z.object({
  node_id: nodeId.describe(
    'Id of the node that is asked, or of the registry where all are; also the key of the record',
  ),
  target_node_id: optional(nodeId).describe('The node that is asked; all of them where it is left out'),
});
