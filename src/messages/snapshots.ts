import { z } from 'zod';
import { count, nodeId, timestamp, uuid } from './fields.js';
import { registrationRecord } from './record.js';

/** States in which a node takes part in the fleet, and has a snapshot. In every other one its key has a tombstone, or nothing. */
export const SNAPSHOT_STATES = ['pending_registration', 'awaiting_ack', 'active'] as const;
export type SnapshotState = (typeof SNAPSHOT_STATES)[number];

/** Of a snapshot and of a tombstone, which has nothing else to say it with: the version of the node's workflow that it tells of. */
export const SNAPSHOT_VERSION_HEADER = 'workflow_version';

/** A node as it is, not what happened to it: the newest one for a key is all that counts. */
export const nodeRegistrationSnapshot = z.object({
  node_id: nodeId,
  state: z.enum(SNAPSHOT_STATES).describe('Only `active` nodes have said that they are ready'),
  degraded: z.boolean().describe('Accepted with one backend still pending'),
  revision: count.describe(
    'Of the record that was confirmed to the workflow last; 0 before the first. Activation raises it once more, in the backends alone',
  ),
  workflow_version: z
    .number()
    .int()
    .positive()
    .describe('Grows with every step of the node; two snapshots of a node with the same number are the same'),
  attempt_id: uuid.describe('`event_id` of the introspection or command that began the present attempt'),
  liveness: z.enum(['heartbeat', 'none']).describe('Whether the node owes heartbeats'),
  consul_registered: z.boolean().describe('Whether Consul has confirmed the present attempt'),
  postgres_registered: z.boolean().describe('Whether PostgreSQL has confirmed the present attempt'),
  registered_at: timestamp
    .nullable()
    .describe('When the node was accepted first, also if it left in between; null before'),
  active_since: timestamp.nullable().describe('When the present attempt became active; null before'),
  updated_at: timestamp.describe('Append time of the message that led here'),
  record: registrationRecord.describe('What the registry wants both backends to hold of the node'),
});
