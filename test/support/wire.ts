import { DEADLINE_TOPICS, topicOf, type MessageType, type TopicSuffix } from '../../src/messages/index.js';
import { id, NODE } from './builders.js';

type Json = Readonly<Record<string, unknown>>;

const RECORD = {
  node_id: NODE,
  node_type: 'effect',
  node_version: '1.2.0',
  capabilities: { some_thing: { inner_key: [1, null, 'ü'] }, camelKey: true },
  capability_tags: ['camelKey', 'some_thing'],
  endpoints: { api: 'http://10.0.0.1:8080/', admin_page: 'http://10.0.0.1:8081/' },
  metadata: { cost_centre: 7, teamName: 'images' },
  health_endpoint: null,
  incarnation: 100,
};
const DESCRIPTION = {
  node_id: NODE,
  node_type: 'effect',
  node_version: '1.2.0',
  capabilities: RECORD.capabilities,
  endpoints: RECORD.endpoints,
  metadata: RECORD.metadata,
  health_endpoint: 'http://10.0.0.1:8080/health',
  reason: 'capability_change',
  incarnation: 100,
};
const ATTEMPT = { node_id: NODE, attempt_id: id(1) };
const AT = '2026-11-21T10:00:30.000Z';
const RESULT = { ...ATTEMPT, backend: 'consul', operation: 'consul.register', revision: 1, duration_ms: 1.5 };
const PROGRESS = {
  ...ATTEMPT,
  workflow_version: 1,
  kind: 'register',
  revision: 1,
  confirmed: ['postgres'],
  pending: [],
  errors: [{ backend: 'consul', error_code: 'CONSUL_VALIDATION_ERROR', error_message: 'invalid name' }],
};

/** A payload of every message of section 4 of the design, as it is on the wire, with every field that it can have. */
export const PAYLOADS_ON_THE_WIRE: Readonly<Record<MessageType, Json>> = {
  NODE_INTROSPECTION: DESCRIPTION,
  NODE_REGISTRATION_ACKED: ATTEMPT,
  NODE_HEARTBEAT: {
    node_id: NODE,
    uptime_seconds: 12.5,
    active_operations_count: 3,
    memory_usage_mb: 250.25,
    cpu_usage_percent: 100,
  },
  REGISTER_NODE: { ...DESCRIPTION, acknowledgement: 'required', liveness: 'heartbeat' },
  DEREGISTER_NODE: { node_id: NODE, reason: 'broken' },
  DEADLINE_PASSED: { node_id: NODE, kind: 'ack', deadline_at: AT },
  REGISTRY_REQUEST_INTROSPECTION: { node_id: NODE, target_node_id: NODE },
  NODE_REGISTRATION_INITIATED: {
    ...ATTEMPT,
    workflow_version: 1,
    kind: 'register',
    health: 'critical',
    record: RECORD,
  },
  NODE_DEREGISTRATION_INITIATED: { ...ATTEMPT, workflow_version: 4, reason: 'requested' },
  CONSUL_INTENT: {
    node_id: NODE,
    intent: {
      intent_type: 'extension',
      target: `consul://service/onex-effect-${NODE}`,
      payload: {
        intent_type: 'consul.register',
        ...ATTEMPT,
        revision: 1,
        health: 'critical',
        only_health: false,
        other_node_types: ['compute'],
        record: RECORD,
      },
    },
  },
  POSTGRES_INTENT: {
    node_id: NODE,
    intent: {
      intent_type: 'extension',
      target: `postgres://node_registrations/${NODE}`,
      payload: {
        intent_type: 'postgres.upsert_registration',
        ...ATTEMPT,
        revision: 1,
        state: 'registered',
        record: RECORD,
      },
    },
  },
  CONSUL_REGISTERED: RESULT,
  CONSUL_DEREGISTERED: { ...RESULT, operation: 'consul.deregister' },
  CONSUL_SERVICE_REMOVED: { ...RESULT, operation: 'consul.remove_service' },
  POSTGRES_REGISTRATION_UPSERTED: { ...RESULT, backend: 'postgres', operation: 'postgres.upsert_registration' },
  POSTGRES_REGISTRATION_DEACTIVATED: { ...RESULT, backend: 'postgres', operation: 'postgres.deactivate_registration' },
  REGISTRY_EFFECT_FAILED: { ...RESULT, error_code: 'CONSUL_VALIDATION_ERROR', error_message: 'invalid name' },
  REGISTRATION_PARTIAL: PROGRESS,
  REGISTRATION_COMPLETED: PROGRESS,
  REGISTRATION_FAILED: PROGRESS,
  NODE_REGISTRATION_ACCEPTED: {
    ...ATTEMPT,
    ack_timeout_ms: null,
    heartbeat_interval_ms: 10_000,
    consul_registered: true,
    postgres_registered: false,
  },
  NODE_REGISTRATION_REJECTED: { ...ATTEMPT, reason_code: 'unknown_node_type', reason: 'node_type "x" is unknown' },
  NODE_REGISTRATION_ACK_RECEIVED: { ...ATTEMPT, liveness_deadline: AT },
  NODE_REGISTRATION_ACK_TIMED_OUT: { ...ATTEMPT, deadline_at: AT },
  NODE_BECAME_ACTIVE: {
    ...ATTEMPT,
    workflow_version: 3,
    capabilities: RECORD.capabilities,
    liveness_deadline: null,
  },
  NODE_REGISTRATION_UPDATED: { ...ATTEMPT, revision: 3, changed: ['node_version'] },
  NODE_REGISTRATION_UPDATE_FAILED: { ...ATTEMPT, revision: 3, errors: PROGRESS.errors },
  NODE_REGISTRATION_CONVERGED: ATTEMPT,
  NODE_LIVENESS_EXPIRED: { node_id: NODE, last_heartbeat_at: null, deadline_at: AT },
  NODE_DEREGISTERED: { ...ATTEMPT, reason: 'requested' },
  REGISTRY_EXPIRY_HELD: { node_id: NODE, held_since: AT, expiring: 31, live: 100 },
  REGISTRY_EXPIRY_RESUMED: { node_id: NODE, held_since: AT, expiring: 4, live: 99 },
  REGISTRY_DRIFT_DETECTED: {
    node_id: NODE,
    backend: 'consul',
    drift: 'ghost',
    revision: null,
    found_revision: 3,
    differences: ['tags'],
    entry: { consul_node: 'rollcall-7f', service_id: 'onex-effect-node-1', service_name: 'onex-effect' },
  },
  NODE_REGISTRATION_SNAPSHOT: {
    node_id: NODE,
    state: 'active',
    degraded: false,
    revision: 2,
    workflow_version: 3,
    attempt_id: id(1),
    liveness: 'heartbeat',
    consul_registered: true,
    postgres_registered: true,
    registered_at: AT,
    active_since: AT,
    updated_at: AT,
    record: RECORD,
  },
  DEAD_LETTER: {
    node_id: NODE,
    original_topic: 'evt.node-heartbeat.v1',
    original_partition: 0,
    original_offset: '17',
    original_key: NODE,
    original_headers: { event_type: 'NODE_HEARTBEAT', some_list: ['a', 'b'] },
    original_value: 'e30=',
    value_truncated: false,
    value_sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    cause: 'malformed',
    reason: 'not JSON',
  },
};

export function topicFor(type: MessageType): TopicSuffix {
  return type === 'DEADLINE_PASSED' ? DEADLINE_TOPICS.ack : topicOf(type);
}

/** The envelope of a message, as it is on the wire. */
export function onTheWire(type: string, payload: unknown, fields: Json = {}): Json {
  return {
    envelope_version: '1.0',
    event_id: id(7),
    event_type: type,
    event_timestamp: '2026-11-21T10:00:07.000Z',
    source_node_id: NODE,
    correlation_id: 'cccccccc-0000-4000-8000-000000000007',
    causation_id: id(6),
    payload,
    ...fields,
  };
}
