import { z } from 'zod';
import { BACKENDS, count, jsonObject, nodeId, timestamp, uuid } from './fields.js';
import { proposedRecord } from './record.js';

/** Counter of the node's workflow; the reducer drops what is older than the newest it has seen. */
const workflowVersion = z.number().int().positive();
const revision = count;

export const effectErrors = z.array(
  z.object({
    backend: z.enum(BACKENDS).nullable(),
    error_code: z.string(),
    error_message: z.string(),
  }),
);

export const nodeRegistrationInitiated = z
  .object({
    node_id: nodeId,
    attempt_id: uuid,
    workflow_version: workflowVersion,
    kind: z.enum(['register', 'update']),
    health: z.enum(['critical', 'passing']),
    record: proposedRecord,
  })
  .refine(({ node_id: nodeId, record }) => record.node_id === '' || record.node_id === nodeId, {
    path: ['record', 'node_id'],
    message: "must be the payload's node_id",
  });

export const nodeDeregistrationInitiated = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  workflow_version: workflowVersion,
  reason: z.string(),
});

/** Reducer to orchestrator. `workflow_version` names the request that this is the progress of. */
export const registrationProgress = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  workflow_version: workflowVersion,
  kind: z.enum(['register', 'update', 'deregister']),
  revision,
  confirmed: z.array(z.enum(BACKENDS)),
  pending: z.array(z.enum(BACKENDS)),
  errors: effectErrors,
});

export const nodeRegistrationAccepted = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  ack_timeout_ms: count.nullable(),
  heartbeat_interval_ms: count,
  consul_registered: z.boolean(),
  postgres_registered: z.boolean(),
});

export const nodeRegistrationRejected = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  reason_code: z.string(),
  reason: z.string(),
});

export const nodeRegistrationAckReceived = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  liveness_deadline: timestamp.nullable(),
});

export const nodeRegistrationAckTimedOut = z.object({ node_id: nodeId, attempt_id: uuid, deadline_at: timestamp });

export const nodeBecameActive = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  workflow_version: workflowVersion,
  capabilities: jsonObject,
  liveness_deadline: timestamp.nullable(),
});

export const nodeRegistrationUpdated = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  revision,
  changed: z.array(z.string()),
});

export const nodeRegistrationUpdateFailed = z.object({
  node_id: nodeId,
  attempt_id: uuid,
  revision,
  errors: effectErrors,
});

export const nodeRegistrationConverged = z.object({ node_id: nodeId, attempt_id: uuid });

export const nodeLivenessExpired = z.object({
  node_id: nodeId,
  last_heartbeat_at: timestamp.nullable(),
  deadline_at: timestamp,
});

export const nodeDeregistered = z.object({ node_id: nodeId, attempt_id: uuid, reason: z.string() });
