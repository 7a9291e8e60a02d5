import { z } from 'zod';
import { count } from './fields.js';

export const DEAD_LETTER_CAUSES = ['malformed', 'unrouted', 'rejected_by_handler', 'too_large'] as const;

/** A message that can never succeed, with all that is needed to look at it and to send it again. */
export const deadLetter = z.object({
  node_id: z.string().nullable().describe("The original's key, where that is a node id"),
  original_topic: z.string().describe('Full name'),
  original_partition: count.describe('Where it stood in the topic'),
  original_offset: z.string().describe('Where it stood in the partition'),
  original_key: z.string().nullable().describe('Key of the record; null where it had none'),
  original_headers: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .describe('A list where a name came more than once'),
  original_value: z.string().nullable().describe('Base64; null for a tombstone'),
  value_truncated: z
    .boolean()
    .describe('Something of the record was too long to be kept, the value in most cases: it cannot be sent again'),
  value_sha256: z.string().nullable().describe('Of the whole value, also where it was cut'),
  cause: z.enum(DEAD_LETTER_CAUSES).describe('Why it can never succeed'),
  reason: z.string().describe('The same in words, without secrets'),
});
