import { z } from 'zod';
import { capabilities, count, endpoints, metadata, nodeId, nodeVersion, optional, url, uuid } from './fields.js';

/** What a node says of itself. `node_type` is free here: an unknown one is rejected with an answer that the node can read. */
export const nodeDescription = {
  node_id: nodeId,
  node_type: optional(z.string().max(64)),
  node_version: nodeVersion.nullish().transform((value) => value ?? '1.0.0'),
  capabilities,
  endpoints,
  metadata,
  health_endpoint: optional(url),
  reason: z
    .enum(['startup', 'request', 'capability_change', 'health_change', 'shutdown'])
    .nullish()
    .transform((value) => value ?? 'startup'),
  incarnation: optional(count),
};

export const nodeIntrospection = z.object(nodeDescription);

export const nodeRegistrationAcked = z.object({ node_id: nodeId, attempt_id: optional(uuid) });

const measure = optional(z.number().nonnegative());

export const nodeHeartbeat = z.object({
  node_id: nodeId,
  uptime_seconds: measure,
  active_operations_count: measure,
  memory_usage_mb: measure,
  cpu_usage_percent: optional(z.number().min(0).max(100)),
});
