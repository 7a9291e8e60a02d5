import { z } from 'zod';
import { count } from './fields.js';

export const DEAD_LETTER_CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const;

/** A message that can never succeed, with all that is needed to look at it and to send it again. */
export const deadLetter = z.object({
  node_id: z.string().nullable(),
  original_topic: z.string(),
  original_partition: count,
  original_offset: z.string(),
  original_key: z.string().nullable(),
  original_headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Base64; null for a tombstone. */
  original_value: z.string().nullable(),
  /** Something of the record was too long to be kept, the value in most cases: it cannot be sent again. */
  value_truncated: z.boolean(),
  value_sha256: z.string().nullable(),
  cause: z.enum(DEAD_LETTER_CAUSES),
  reason: z.string(),
});
