import { z } from 'zod';
import { capabilities, count, endpoints, metadata, nodeId, nodeVersion, optional, url, uuid } from './fields.js';

/** What a node says of itself. `node_type` is free here: an unknown one is rejected with an answer that the node can read. */
export const nodeDescription = {
  node_id: nodeId,
  node_type: optional(z.string().max(64)).describe('effect, compute, reducer or orchestrator; any other is rejected'),
  node_version: nodeVersion
    .nullish()
    .transform((value) => value ?? '1.0.0')
    .describe('A semantic version; 1.0.0 where it is left out'),
  capabilities,
  endpoints,
  metadata,
  health_endpoint: optional(url).describe('Where its health is told'),
  reason: z
    .enum(['startup', 'request', 'capability_change', 'health_change', 'shutdown'])
    .nullish()
    .transform((value) => value ?? 'startup')
    .describe('Why it says so; `shutdown` says goodbye. startup where it is left out'),
  incarnation: optional(count).describe(
    'Grows each time the process of the node starts: its start in epoch milliseconds',
  ),
};

export const nodeIntrospection = z.object(nodeDescription);

export const nodeRegistrationAcked = z.object({
  node_id: nodeId,
  attempt_id: optional(uuid).describe('Of the *accepted* that is answered; whichever it is where it is left out'),
});

const measure = optional(z.number().nonnegative());

export const nodeHeartbeat = z.object({
  node_id: nodeId,
  uptime_seconds: measure.describe('Seconds since the process started'),
  active_operations_count: measure.describe('What it has in hand'),
  memory_usage_mb: measure.describe('Megabytes'),
  cpu_usage_percent: optional(z.number().min(0).max(100)).describe('Percent of what it may have, 0 to 100'),
});
