import { z } from 'zod';

/** The JSON of one node's steps and backends; a part of `DOCUMENTS`. */
const time = z.iso.datetime().describe('RFC 3339, UTC');
const payload = z.record(z.string(), z.unknown());

const step = z.strictObject({
  machine: z
    .enum(['orchestrator', 'reducer'])
    .describe('`orchestrator`: decides the workflow. `reducer`: says what both backends are to hold'),
  version: z.int().describe('Of the state after the step; an ignored message leaves it'),
  eventId: z.guid(),
  eventType: z.string(),
  rule: z.string().describe("Of the machine's contract; tells of an ignored message why"),
  fromStatus: z.string().describe('`none` at first'),
  path: z.string().describe('States gone through, such as `pending_registration > accepted > awaiting_ack`'),
  toStatus: z.string(),
  occurredAt: time,
  correlationId: z.guid(),
  causationId: z.guid().nullable().describe('Event id of the message that caused this one: an output of another step'),
  ignored: z.boolean().describe('It changed nothing'),
  source: z.string().nullable().describe('Who sent the message'),
  payload: payload.describe('What the message said, in the words of the wire'),
  outputs: z
    .array(z.strictObject({ eventId: z.guid(), eventType: z.string(), payload }))
    .describe('What was published because of it, in this order'),
});

const backend = z.strictObject({
  status: z
    .enum(['confirmed', 'pending', 'refused', 'never_asked'])
    .describe('`confirmed`: it holds the desired revision. `refused`: it will not take it; see `failure`'),
  confirmedRevision: z.int().describe('Confirmed last; 0 before the first'),
  failure: z
    .strictObject({ revision: z.int(), code: z.string(), message: z.string() })
    .nullable()
    .describe('What it answered last, where that was an error'),
});

export const NODE_DETAIL_PARTS = { NodeStep: step, NodeBackend: backend } as const;

export const NODE_DETAIL_DOCUMENTS = {
  NodeStepPage: z.strictObject({
    items: z.array(step),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end'),
  }),
  NodeBackends: z.strictObject({
    nodeId: z.string(),
    desired: z
      .strictObject({
        revision: z.int(),
        presence: z.enum(['present', 'absent']),
        health: z.enum(['critical', 'passing']).describe("Of Consul's check: critical until the node is active"),
        attemptId: z.guid(),
        record: payload.describe('The record that both are to hold, or held before it was to go'),
      })
      .nullable()
      .describe('What both are to hold; null where nothing was ever asked of them'),
    consul: backend,
    postgres: backend,
  }),
} as const;
