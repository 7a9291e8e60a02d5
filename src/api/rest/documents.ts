import { z } from 'zod';
import { AUDIT_DOCUMENTS, AUDIT_PARTS } from '../audit/documents.js';
import { DRIFT_DOCUMENTS, DRIFT_PARTS } from '../drift/documents.js';
import { PROBLEM_TYPES } from '../http/problem-types.js';
import { NODE_STATES } from '../read/node.js';
import { DEAD_LETTER_DOCUMENTS, DEAD_LETTER_PARTS } from './dead-letter-documents.js';
import { NODE_DETAIL_DOCUMENTS, NODE_DETAIL_PARTS } from './node-detail-documents.js';

/** The JSON that the API answers with, for OpenAPI; a test holds the answers against these schemas. */
const time = z.iso.datetime().describe('RFC 3339, UTC');
const freeObject = z.record(z.string(), z.unknown());
const nextCursor = z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end');

const state = z.enum(NODE_STATES);

const node = z.strictObject({
  nodeId: z.string(),
  nodeType: z
    .string()
    .nullable()
    .describe('effect, compute, reducer or orchestrator; of a rejected node whatever it said'),
  nodeVersion: z.string(),
  state,
  degraded: z.boolean().describe('Accepted with one backend still pending'),
  capabilities: freeObject,
  endpoints: z.record(z.string(), z.string()),
  metadata: freeObject,
  revision: z
    .int()
    .describe(
      'Of the record that was confirmed to the workflow last; 0 before the first. Activation raises it once more, in the backends alone',
    ),
  attemptId: z.guid().describe('Event id of the introspection or command that began the present attempt'),
  incarnation: z.int().nullable(),
  registeredAt: time.nullable().describe('When the node was accepted first'),
  updatedAt: time,
  lastHeartbeatAt: time.nullable(),
  publicKey: z
    .string()
    .nullable()
    .describe('Ed25519, 32 bytes in base64url: what its messages are held against; null as long as none is known'),
});

const historyItem = z.strictObject({
  version: z.int().describe('Of the state after the step; an ignored message leaves it'),
  eventId: z.guid(),
  eventType: z.string(),
  rule: z.string().describe("Of the orchestrator's contract; tells of an ignored message why"),
  fromStatus: z.string().describe('`none` at first'),
  path: z.string().describe('States gone through, such as `pending_registration > accepted > awaiting_ack`'),
  toStatus: z.string(),
  occurredAt: time,
  correlationId: z.guid(),
  causationId: z.guid().nullable(),
});

const explanation = z.strictObject({
  nodeId: z.string(),
  state,
  since: time.describe('When the message came that led into the state'),
  because: z
    .strictObject({
      eventType: z.string(),
      eventId: z.guid(),
      occurredAt: time,
      rule: z.string().describe("Of the orchestrator's contract"),
    })
    .describe('The step that led into the state'),
  text: z.string().describe('All of it in words: a line for each thought'),
});

const registrationMetrics = z.strictObject({
  total: z.int().describe('Nodes that ever asked to be registered, whatever became of them'),
  successful: z
    .int()
    .describe('Those accepted at some time whose latest attempt has not failed, the ones that left since included'),
  failed: z
    .int()
    .describe(
      'Those whose latest attempt failed: state rejected or ack_timed_out. The rest of `total` was never accepted yet',
    ),
  consulRegistrations: z
    .int()
    .describe('Nodes whose record is confirmed to be in Consul now, as far as the registry was told'),
  postgresRegistrations: z.int().describe('Nodes whose record is confirmed to be current in PostgreSQL now, likewise'),
  registeredNodes: z.strictObject({
    count: z.int().describe('Nodes in state active'),
    names: z.array(z.string()).describe('Their ids in order, the first 1000'),
  }),
});

const expiry = z.strictObject({
  status: z
    .enum(['running', 'held', 'released'])
    .describe(
      '`running`: each in its time. `held`: too many at once, so none. `released`: all of them, as an operator wants it',
    ),
  heldSince: time.nullable(),
  expiring: z
    .int()
    .describe('Nodes that were about to expire when it was last decided to hold expiry back or to resume it'),
  live: z.int().describe('Nodes that owed heartbeats then'),
  releasedUntil: time.nullable().describe('Until when an operator lets everything expire; null when that is over'),
  reason: z.string().nullable().describe('Why it is not running'),
});

const health = z.enum(['healthy', 'degraded', 'unhealthy']);

const problemKinds = Object.entries(PROBLEM_TYPES).map(
  ([type, { status, description }]) => `- \`/problems/${type}\` (${status}): ${description}`,
);

const operationId = z.guid().describe('Ask /v1/operations/{id} for it');
const failure = z
  .string()
  .optional()
  .describe('Why it failed: `superseded`, `ack_timeout`, `stale`, `dead_letter: {id} (…)`, …, or in words');

export const DOCUMENTS = {
  Node: node,
  NodePage: z.strictObject({ items: z.array(node), nextCursor }),
  Explanation: explanation,
  HistoryPage: z.strictObject({ items: z.array(historyItem), nextCursor }),
  ...NODE_DETAIL_DOCUMENTS,
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
  ...DEAD_LETTER_DOCUMENTS,
  ...DRIFT_DOCUMENTS,
  ...AUDIT_DOCUMENTS,
  RegistrationMetrics: registrationMetrics,
  Expiry: expiry,
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

/** What several documents have in them, or a list many of, by names of its own: who generates a client gets a type for each. */
export const PARTS = {
  NodeState: state,
  HistoryItem: historyItem,
  ...NODE_DETAIL_PARTS,
  ...DEAD_LETTER_PARTS,
  ...DRIFT_PARTS,
  ...AUDIT_PARTS,
} as const;

export type DocumentName = keyof typeof DOCUMENTS;

/** An example of each, or of some. */
export type Examples = { readonly [Name in DocumentName]?: z.input<(typeof DOCUMENTS)[Name]> };
