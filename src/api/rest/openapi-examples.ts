import { DRIFT_EXAMPLES } from '../drift/examples.js';
import { DEAD_LETTER_EXAMPLES } from './dead-letter-examples.js';
import { AUDIT_EXAMPLES } from '../audit/examples.js';
import type { Examples } from './documents.js';
import { NODE_DETAIL_EXAMPLES } from './node-detail-examples.js';
import { SAMPLE } from './sample-node.js';

const { nodeId, attemptId, correlationId, startedAt } = SAMPLE;
const OPERATION = '019aa5b0-6b1e-7c3d-9f2a-3f0f6f4f7d10';
const acceptedAt = '2026-11-21T09:00:00.128Z';
const activeAt = '2026-11-21T09:00:01.004Z';

const description = {
  nodeType: 'effect',
  nodeVersion: '1.4.0',
  capabilities: { invoices: true, operations: ['create', 'cancel'] },
  endpoints: { api: 'http://10.0.0.7:8080' },
  metadata: { zone: 'b' },
};

const node = {
  nodeId,
  ...description,
  state: 'active' as const,
  degraded: false,
  revision: 2,
  attemptId,
  incarnation: 1_795_251_600_000,
  registeredAt: acceptedAt,
  updatedAt: activeAt,
  lastHeartbeatAt: '2026-11-21T09:00:11.002Z',
  publicKey: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg',
};

const step = {
  version: 3,
  eventId: '48be390e-b2ed-49fa-8ead-bfca61f0fab4',
  eventType: 'NODE_REGISTRATION_ACKED',
  rule: 'acknowledge',
  fromStatus: 'awaiting_ack',
  path: 'ack_received > active',
  toStatus: 'active',
  occurredAt: activeAt,
  correlationId,
  causationId: '83eab1e0-4012-577e-ba8a-8cd1f48adb43',
};

const component = { status: 'healthy' as const, critical: true, message: 'connected', details: {} };

/** An example of what the API answers with, by the name of its schema; a test holds each against it. */
export const ANSWER_EXAMPLES: Examples = {
  Node: node,
  NodePage: { items: [node], nextCursor: null },
  Explanation: {
    nodeId,
    state: 'active',
    since: activeAt,
    because: { eventType: step.eventType, eventId: step.eventId, occurredAt: activeAt, rule: step.rule },
    text: `${nodeId} is active since ${activeAt}: it acknowledged that it is ready.`,
  },
  HistoryPage: { items: [step], nextCursor: null },
  StartedOperation: { operationId: OPERATION },
  Registration: {
    operationId: OPERATION,
    status: 'success',
    registeredNodeId: nodeId,
    consulRegistered: true,
    postgresRegistered: true,
    registrationTimeMs: 41,
  },
  Deregistration: { operationId: OPERATION, status: 'success', nodeId, state: 'deregistered' },
  Operation: {
    id: OPERATION,
    kind: 'register',
    nodeId,
    status: 'succeeded',
    steps: [
      { eventType: 'REGISTER_NODE', rule: 'begin_attempt', path: 'pending_registration', occurredAt: startedAt },
      { eventType: 'REGISTRATION_COMPLETED', rule: 'accept_waived', path: 'accepted > active', occurredAt: acceptedAt },
    ],
  },
  PublishedEvent: { eventId: OPERATION },
  Health: { status: 'healthy', components: { kafka: component, state: component } },
  TakenMessage: { eventId: attemptId, correlationId },
  ...DEAD_LETTER_EXAMPLES,
  ...DRIFT_EXAMPLES,
  ...NODE_DETAIL_EXAMPLES,
  ...AUDIT_EXAMPLES,
  RegistrationMetrics: {
    total: 12,
    successful: 11,
    failed: 1,
    consulRegistrations: 10,
    postgresRegistrations: 10,
    registeredNodes: { count: 10, names: [nodeId] },
  },
  Expiry: { status: 'running', heldSince: null, expiring: 0, live: 0, releasedUntil: null, reason: null },
  Problem: {
    type: '/problems/node-not-found',
    title: 'No such node',
    status: 404,
    detail: 'no node named billing-9 is known here',
  },
};

/** Of request bodies, by method and path. */
export const BODY_EXAMPLES: Readonly<Record<string, unknown>> = {
  'post /v1/nodes': { nodeId, ...description },
  'delete /v1/nodes/{nodeId}': { reason: 'replaced by billing-8' },
  'post /v1/introspection-requests': { targetNodeId: nodeId },
  'post /v1/dead-letters/redrive': { filter: { cause: 'malformed' }, dryRun: true },
  'post /v1/dead-letters/{id}/redrive': { force: false },
  'post /v1/expiry/release': { forMs: 60_000 },
  'post /v1/drift/repair': { backend: 'consul', dryRun: true },
  'post /v1/nodes/{nodeId}/introspection': { ...description, incarnation: node.incarnation },
  'post /v1/nodes/{nodeId}/ack': { attemptId },
  'post /v1/nodes/{nodeId}/heartbeat': { uptimeSeconds: 11, cpuUsagePercent: 4.5 },
};

/** Of parameters, by place and name. */
export const PARAMETER_EXAMPLES: Readonly<Record<string, unknown>> = {
  'path nodeId': nodeId,
  'path id': OPERATION,
  'query asOf': activeAt,
};
