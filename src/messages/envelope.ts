import { z } from 'zod';
import { timestamp, uuid } from './fields.js';

export const ENVELOPE_VERSION = '1.0';

/** What every message carries around its payload. Wire names; unknown fields are left out. */
export const envelopeSchema = z.object({
  envelope_version: z
    .string()
    .regex(/^1\.\d+$/, 'must be "1.0" (or a later 1.x)')
    .describe('1.0, or a later 1.x with more fields'),
  event_id: uuid.describe('Id of the message: a copy of it has the same'),
  event_type: z.string().min(1).describe('Which message it is'),
  event_timestamp: timestamp.describe("When it happened, by its sender's clock; of the registry the log's own time"),
  source_node_id: z.string().min(1).max(255).describe('Who says it: the node, or the id of the registry'),
  correlation_id: uuid.describe('Runs through all that one introspection or command led to'),
  causation_id: uuid
    .nullish()
    .transform((value) => value ?? null)
    .describe('`event_id` of the message that caused this one; null where none did'),
  payload: z.unknown(),
});

/** Where a message stood in the log; `appendedAt` is the broker's append time in epoch milliseconds: our only `now`. */
export type Delivery = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly appendedAt: number;
  readonly traceparent?: string;
};
