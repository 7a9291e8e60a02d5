import { z } from 'zod';
import { nodeIdParameter, once } from '../parameters.js';
import { decodeCursor, type Cursor } from './cursor.js';
import { EVENT_TYPES, eventTypesInQuery } from './filter.js';

const FROM = 'must be now or earliest';

/** A cursor as somebody brings it back. */
export const cursorParameter = z.string({ error: once }).transform((text, context): Cursor => {
  const cursor = decodeCursor(text);
  if (cursor === null) context.addIssue('must be a cursor that this registry gave out, such as the id of an event');
  return cursor ?? z.NEVER;
});

/** The same from a client of server-sent events, to which an empty id is none. */
export const lastEventId = z
  .string({ error: once })
  .transform((text) => (text === '' ? undefined : text))
  .pipe(cursorParameter.optional())
  .optional();

export const eventsQuery = z.strictObject({
  nodeId: nodeIdParameter.describe('Only events of this node').optional(),
  eventType: eventTypesInQuery.optional().meta({
    description: 'Only events of these types: several parameters, or names with commas between them',
    openapi: { type: 'array', items: { type: 'string', enum: [...EVENT_TYPES] } },
  }),
  from: z
    .enum(['now', 'earliest'], { error: ({ input }) => (Array.isArray(input) ? once({ input }) : FROM) })
    .optional()
    .describe('Where to begin without a position: with what happens from now on, or with all that the log still holds'),
  lastEventId: lastEventId.meta({
    description: 'The header Last-Event-ID, for clients that cannot set it; the header goes before it',
    openapi: { type: 'string' },
  }),
});
