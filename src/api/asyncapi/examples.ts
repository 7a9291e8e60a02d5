import {
  ENVELOPE_VERSION,
  outputId,
  snapshotId,
  TOPICS,
  topicOf,
  type JsonObject,
  type MessageType,
  type Party,
} from '../../messages/index.js';
import { SAMPLE } from '../rest/sample-node.js';

/** One node from its start to its end, told by an example of each message, as it is on the wire. */
const { nodeId: NODE, attemptId: ATTEMPT, correlationId: CORRELATION } = SAMPLE;
const REGISTRY = 'rollcall';
const START = Date.parse(SAMPLE.startedAt);

const attempt = { node_id: NODE, attempt_id: ATTEMPT };
const description = {
  node_id: NODE,
  node_type: 'effect',
  node_version: '1.4.0',
  capabilities: { invoices: true, operations: ['create', 'cancel'] },
  endpoints: { api: 'http://10.0.0.7:8080' },
  metadata: { zone: 'b' },
  health_endpoint: 'http://10.0.0.7:8080/health',
  incarnation: START,
};
const { node_id, node_type, node_version, capabilities, ...rest } = description;
const record = { node_id, node_type, node_version, capabilities, capability_tags: SAMPLE.capabilityTags, ...rest };
const result = { ...attempt, revision: 1, duration_ms: 7.4 };
const refused = { error_code: 'CONSUL_VALIDATION_ERROR', error_message: 'Consul refuses the name of the service' };
const progress = { ...attempt, workflow_version: 1, kind: 'register', revision: 1 };
const done = { ...progress, confirmed: ['consul', 'postgres'], pending: [], errors: [] };
const held = { node_id: REGISTRY, held_since: time(600), expiring: 42, live: 100 };

const PAYLOADS: Readonly<Record<MessageType, JsonObject>> = {
  NODE_INTROSPECTION: { ...description, reason: 'startup' },
  NODE_REGISTRATION_ACKED: attempt,
  NODE_HEARTBEAT: { node_id: NODE, uptime_seconds: 11, active_operations_count: 3, cpu_usage_percent: 4.5 },
  REGISTER_NODE: { ...description, acknowledgement: 'waived', liveness: 'none' },
  DEREGISTER_NODE: { node_id: NODE, reason: 'replaced by billing-8' },
  DEADLINE_PASSED: { node_id: NODE, kind: 'ack', deadline_at: time(30) },
  REGISTRY_REQUEST_INTROSPECTION: { node_id: NODE, target_node_id: NODE },
  NODE_REGISTRATION_INITIATED: { ...attempt, workflow_version: 1, kind: 'register', health: 'critical', record },
  NODE_DEREGISTRATION_INITIATED: { ...attempt, workflow_version: 4, reason: 'requested' },
  CONSUL_INTENT: {
    node_id: NODE,
    intent: {
      intent_type: 'extension',
      target: `consul://service/onex-effect-${NODE}`,
      payload: {
        ...{ intent_type: 'consul.register', ...attempt, revision: 1, health: 'critical' },
        ...{ only_health: false, other_node_types: [], record },
      },
    },
  },
  POSTGRES_INTENT: {
    node_id: NODE,
    intent: {
      intent_type: 'extension',
      target: `postgres://node_registrations/${NODE}`,
      payload: { intent_type: 'postgres.upsert_registration', ...attempt, revision: 1, state: 'registered', record },
    },
  },
  CONSUL_REGISTERED: { ...result, backend: 'consul', operation: 'consul.register' },
  CONSUL_DEREGISTERED: { ...result, revision: 3, backend: 'consul', operation: 'consul.deregister' },
  CONSUL_SERVICE_REMOVED: { ...result, backend: 'consul', operation: 'consul.remove_service' },
  POSTGRES_REGISTRATION_UPSERTED: { ...result, backend: 'postgres', operation: 'postgres.upsert_registration' },
  POSTGRES_REGISTRATION_DEACTIVATED: {
    ...{ ...result, revision: 3 },
    ...{ backend: 'postgres', operation: 'postgres.deactivate_registration' },
  },
  REGISTRY_EFFECT_FAILED: { ...result, backend: 'consul', operation: 'consul.register', ...refused },
  REGISTRATION_PARTIAL: { ...progress, confirmed: ['postgres'], pending: ['consul'], errors: [] },
  REGISTRATION_COMPLETED: done,
  REGISTRATION_FAILED: {
    ...{ ...progress, confirmed: ['postgres'], pending: [] },
    errors: [{ backend: 'consul', ...refused }],
  },
  NODE_REGISTRATION_ACCEPTED: {
    ...{ ...attempt, ack_timeout_ms: 30_000, heartbeat_interval_ms: 10_000 },
    ...{ consul_registered: true, postgres_registered: true },
  },
  NODE_REGISTRATION_REJECTED: {
    ...{ ...attempt, reason_code: 'unknown_node_type' },
    reason: 'node_type "toaster" is unknown; allowed here: effect, compute, reducer, orchestrator',
  },
  NODE_REGISTRATION_ACK_RECEIVED: { ...attempt, liveness_deadline: time(31) },
  NODE_REGISTRATION_ACK_TIMED_OUT: { ...attempt, deadline_at: time(30) },
  NODE_BECAME_ACTIVE: { ...attempt, workflow_version: 3, capabilities, liveness_deadline: time(31) },
  NODE_REGISTRATION_UPDATED: { ...attempt, revision: 3, changed: ['node_version', 'capabilities'] },
  NODE_REGISTRATION_UPDATE_FAILED: { ...attempt, revision: 3, errors: [{ backend: 'consul', ...refused }] },
  NODE_REGISTRATION_CONVERGED: attempt,
  NODE_LIVENESS_EXPIRED: { node_id: NODE, last_heartbeat_at: time(501), deadline_at: time(531) },
  NODE_DEREGISTERED: { ...attempt, reason: 'requested' },
  REGISTRY_EXPIRY_HELD: held,
  REGISTRY_EXPIRY_RESUMED: { ...held, expiring: 2, live: 98 },
  REGISTRY_DRIFT_DETECTED: {
    ...{ node_id: NODE, backend: 'consul', drift: 'altered', revision: 2, found_revision: 2 },
    ...{ differences: ['tags'], entry: null },
  },
  NODE_REGISTRATION_SNAPSHOT: {
    ...{ node_id: NODE, state: 'active', degraded: false, revision: 2, workflow_version: 3, attempt_id: ATTEMPT },
    ...{ liveness: 'heartbeat', consul_registered: true, postgres_registered: true },
    ...{ registered_at: time(0.128), active_since: time(1), updated_at: time(1), record },
  },
  DEAD_LETTER: {
    node_id: NODE,
    ...{ original_topic: 'dev.onex.evt.node-heartbeat.v1', original_partition: 3, original_offset: '1807' },
    ...{ original_key: NODE, original_headers: { 'content-type': 'application/json' } },
    ...{ original_value: 'aGVsbG8=', value_truncated: false },
    value_sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    cause: 'malformed',
    reason: 'not JSON: Unexpected token',
  },
};

/** A whole message, as it is on the wire. The same on every call. */
export function exampleOf(type: MessageType): JsonObject {
  const payload = PAYLOADS[type];
  const isNodes = isSaidByNode(type);
  const isRoot = type === 'NODE_INTROSPECTION';
  return {
    envelope_version: ENVELOPE_VERSION,
    event_id: isRoot ? ATTEMPT : idOf(type),
    event_type: type,
    event_timestamp: type === 'NODE_REGISTRATION_SNAPSHOT' ? time(1) : time(isRoot ? 0 : 0.128),
    source_node_id: isNodes ? NODE : REGISTRY,
    correlation_id: CORRELATION,
    causation_id: isNodes || type === 'NODE_REGISTRATION_SNAPSHOT' ? null : ATTEMPT,
    payload,
  };
}

function idOf(type: MessageType): string {
  return type === 'NODE_REGISTRATION_SNAPSHOT' ? snapshotId(NODE, ATTEMPT, 3) : outputId(ATTEMPT, type, NODE, 0);
}

function isSaidByNode(type: MessageType): boolean {
  if (type === 'DEADLINE_PASSED') return false;
  const producers: readonly Party[] = TOPICS[topicOf(type)].producers;
  return producers.includes('node') && type !== 'DEREGISTER_NODE';
}

/** Seconds after the start of the node. */
function time(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}
