import { z } from 'zod';
import { PROBLEM_TYPES } from '../http/problem-types.js';
import { NODE_STATES } from '../read/node.js';

/** The JSON that the API answers with, for OpenAPI; a test holds the answers against these schemas. */
const time = z.iso.datetime().describe('RFC 3339, UTC');
const freeObject = z.record(z.string(), z.unknown());
const nextCursor = z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end');

const node = z.strictObject({
  nodeId: z.string(),
  nodeType: z
    .string()
    .nullable()
    .describe('effect, compute, reducer or orchestrator; of a rejected node whatever it said'),
  nodeVersion: z.string(),
  state: z.enum(NODE_STATES),
  degraded: z.boolean().describe('Accepted with one backend still pending'),
  capabilities: freeObject,
  endpoints: z.record(z.string(), z.string()),
  metadata: freeObject,
  revision: z.int().describe('Of the record that the backends confirmed last; 0 before the first'),
  attemptId: z.guid().describe('Event id of the introspection or command that began the present attempt'),
  incarnation: z.int().nullable(),
  registeredAt: time.nullable().describe('When the node was accepted first'),
  updatedAt: time,
  lastHeartbeatAt: time.nullable(),
});

const historyItem = z.strictObject({
  version: z.int().describe('Of the state after the step; an ignored message leaves it'),
  eventId: z.guid(),
  eventType: z.string(),
  fromStatus: z.string().describe('`none` at first'),
  path: z.string().describe('States gone through, such as `pending_registration > accepted > awaiting_ack`'),
  toStatus: z.string(),
  occurredAt: time,
  correlationId: z.guid(),
  causationId: z.guid().nullable(),
});

const health = z.enum(['healthy', 'degraded', 'unhealthy']);

const problemKinds = Object.entries(PROBLEM_TYPES).map(
  ([type, { status, description }]) => `- \`/problems/${type}\` (${status}): ${description}`,
);

const operationId = z.guid().describe('Ask /v1/operations/{id} for it');
const failure = z.string().optional().describe('Why it failed: `superseded`, `ack_timeout`, `stale`, …, or in words');

export const DOCUMENTS = {
  Node: node,
  NodePage: z.strictObject({ items: z.array(node), nextCursor }),
  HistoryPage: z.strictObject({ items: z.array(historyItem), nextCursor }),
  StartedOperation: z.strictObject({ operationId }),
  Registration: z.strictObject({
    operationId,
    status: z
      .enum(['success', 'partial', 'failed'])
      .describe('`partial`: the node is registered, and a backend is still pending'),
    reason: failure,
    registeredNodeId: z.string().nullable().describe('Null where the command failed'),
    consulRegistered: z.boolean(),
    postgresRegistered: z.boolean(),
    registrationTimeMs: z.number().describe('From the request to the step that settled it'),
  }),
  Deregistration: z.strictObject({
    operationId: operationId.nullable().describe('Null where the node was deregistered before'),
    status: z.enum(['success', 'failed']),
    reason: failure,
    nodeId: z.string(),
    state: z.string().describe('Of the node when the command was settled'),
  }),
  Operation: z.strictObject({
    id: z.guid().describe('Event id of the command'),
    kind: z.enum(['register', 'deregister']),
    nodeId: z.string(),
    status: z.enum(['pending', 'succeeded', 'failed']),
    reason: failure,
    steps: z
      .array(
        z.strictObject({
          eventType: z.string(),
          rule: z.string().describe("Of the orchestrator's contract"),
          path: z.string().describe('States gone through'),
          occurredAt: time,
        }),
      )
      .describe('Of the node, from the command to what settled it; empty until the command is decided'),
  }),
  PublishedEvent: z.strictObject({ eventId: z.guid() }),
  Health: z.strictObject({
    status: health,
    components: z.record(
      z.string(),
      z.strictObject({ status: health, critical: z.boolean(), message: z.string(), details: freeObject }),
    ),
  }),
  TakenMessage: z.strictObject({
    eventId: z.guid(),
    correlationId: z.guid().describe('Of the workflow that the message belongs to, or begins'),
  }),
  Problem: z
    .strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      errors: z
        .array(
          z.strictObject({
            in: z.enum(['path', 'query', 'header', 'body', 'argument']),
            field: z.string(),
            message: z.string(),
          }),
        )
        .optional(),
    })
    .describe(`A problem of RFC 9457. Its \`type\` is one of\n${problemKinds.join('\n')}`),
} as const;

export type DocumentName = keyof typeof DOCUMENTS;
