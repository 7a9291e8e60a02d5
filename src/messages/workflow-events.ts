import { z } from 'zod';
import { BACKENDS, count, jsonObject, nodeId, timestamp, uuid } from './fields.js';
import { proposedRecord } from './record.js';

/** Counter of the node's workflow; the reducer drops what is older than the newest it has seen. */
const workflowVersion = z.number().int().positive().describe("Grows with every step of the node's workflow");
const revision = count.describe('Counts the records that the registry has wanted both backends to hold of the node');
const attemptId = uuid.describe('`event_id` of the introspection or command that began the attempt');
const backends = z.array(z.enum(BACKENDS));
const livenessDeadline = timestamp
  .nullable()
  .describe('Until when the first heartbeat has to come; null where the node owes none');

export const effectErrors = z.array(
  z.object({
    backend: z.enum(BACKENDS).nullable().describe('Who refused; null where the record itself is not valid'),
    error_code: z.string().describe('Such as CONSUL_VALIDATION_ERROR'),
    error_message: z.string().describe('In words, without secrets'),
  }),
);

export const nodeRegistrationInitiated = z
  .object({
    node_id: nodeId,
    attempt_id: attemptId,
    workflow_version: workflowVersion,
    kind: z.enum(['register', 'update']).describe('A new attempt, or a change of an active node'),
    health: z.enum(['critical', 'passing']).describe('What Consul is to show: `passing` once the node is active'),
    record: proposedRecord.describe('What both backends are to hold of the node'),
  })
  .refine(({ node_id: nodeId, record }) => record.node_id === '' || record.node_id === nodeId, {
    path: ['record', 'node_id'],
    message: "must be the payload's node_id",
  });

export const nodeDeregistrationInitiated = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  workflow_version: workflowVersion,
  reason: z.string().describe('Such as requested, shutdown, ack_timeout, liveness_expired, or what an operator said'),
});

/** Reducer to orchestrator. `workflow_version` names the request that this is the progress of. */
export const registrationProgress = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  workflow_version: workflowVersion,
  kind: z.enum(['register', 'update', 'deregister']).describe('What it is the progress of'),
  revision,
  confirmed: backends.describe('Backends that hold the revision, or a later one'),
  pending: backends.describe('Backends that have not answered yet'),
  errors: effectErrors.describe('What backends refused for good'),
});

export const nodeRegistrationAccepted = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  ack_timeout_ms: count
    .nullable()
    .describe('Milliseconds within which the node has to acknowledge; null where it need not'),
  heartbeat_interval_ms: count.describe('Milliseconds between heartbeats that the registry asks for'),
  consul_registered: z.boolean().describe('False: accepted without Consul for now (degraded)'),
  postgres_registered: z.boolean().describe('False: accepted without PostgreSQL for now (degraded)'),
});

export const nodeRegistrationRejected = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  reason_code: z.string().describe('For programs, such as unknown_node_type or registration_failed'),
  reason: z.string().describe('For people: what is wrong'),
});

export const nodeRegistrationAckReceived = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  liveness_deadline: livenessDeadline,
});

export const nodeRegistrationAckTimedOut = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  deadline_at: timestamp.describe('Until when the node should have acknowledged'),
});

export const nodeBecameActive = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  workflow_version: workflowVersion,
  capabilities: jsonObject.describe('As in the record of the node'),
  liveness_deadline: livenessDeadline,
});

export const nodeRegistrationUpdated = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  revision,
  changed: z.array(z.string()).describe('Names of the fields that changed'),
});

export const nodeRegistrationUpdateFailed = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  revision,
  errors: effectErrors.describe('What refused the change; that backend keeps the record before'),
});

export const nodeRegistrationConverged = z.object({ node_id: nodeId, attempt_id: attemptId });

export const nodeLivenessExpired = z.object({
  node_id: nodeId,
  last_heartbeat_at: timestamp.nullable().describe('When the node was heard last; null: never in this attempt'),
  deadline_at: timestamp.describe('Until when it should have been heard'),
});

export const nodeDeregistered = z.object({
  node_id: nodeId,
  attempt_id: attemptId,
  reason: z.string().describe('Why it was taken out'),
});
