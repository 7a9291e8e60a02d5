import { z } from 'zod';
import {
  deadLetterFilter,
  DEFAULT_PAGE,
  MAX_PAGE,
  nodeFilter,
  once,
  PAGE_LIMIT,
  pageSize,
  position,
  text,
} from '../parameters.js';
import type { CursorKind } from '../read/cursor.js';

function slice(kind: CursorKind) {
  return {
    limit: z
      .string({ error: once })
      .regex(/^\d{1,4}$/, PAGE_LIMIT)
      .transform(Number)
      .pipe(pageSize)
      .default(DEFAULT_PAGE)
      .meta({
        description: 'Most items of the page',
        openapi: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
      }),
    cursor: position(kind)
      .optional()
      .meta({ description: 'The nextCursor of the page before', openapi: { type: 'string' } }),
  };
}

/** As it may also stand in the body. */
const reason = text('Why the node is taken out', 1024).optional();

export const listNodesQuery = z.strictObject({ ...nodeFilter.shape, ...slice('nodes') });
export const historyQuery = z.strictObject(slice('history'));
export const listDeadLettersQuery = z.strictObject({ ...deadLetterFilter.shape, ...slice('dead-letters') });
export const noQuery = z.strictObject({});
export const noBody = z.strictObject({});
export const deregisterQuery = z.strictObject({ reason });
