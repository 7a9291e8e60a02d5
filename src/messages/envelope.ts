import { z } from 'zod';
import { timestamp, uuid } from './fields.js';

export const ENVELOPE_VERSION = '1.0';

/** What every message carries around its payload. Wire names; unknown fields are left out. */
export const envelopeSchema = z.object({
  envelope_version: z.string().regex(/^1\.\d+$/, 'must be "1.0" (or a later 1.x)'),
  event_id: uuid,
  event_type: z.string().min(1),
  event_timestamp: timestamp,
  source_node_id: z.string().min(1).max(255),
  correlation_id: uuid,
  causation_id: uuid.nullish().transform((value) => value ?? null),
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
