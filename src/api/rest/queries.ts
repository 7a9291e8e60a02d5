import { z } from 'zod';
import {
  auditFilter,
  deadLetterFilter,
  DEFAULT_PAGE,
  driftFilter,
  MAX_PAGE,
  nodeFilter,
  once,
  PAGE_LIMIT,
  pageSize,
  pastMoment,
  position,
  text,
} from '../parameters.js';
import { decodeCursor, placeAsOf, type CursorKind } from '../read/cursor.js';

const CURSOR = { description: 'The nextCursor of the page before', openapi: { type: 'string' } } as const;

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
    cursor: position(kind).optional().meta(CURSOR),
  };
}

/** As it may also stand in the body. */
const reason = text('Why the node is taken out', 1024).optional();

const asOf = pastMoment.optional().meta({
  description: 'As it was at this moment (RFC 3339), by the journal; as it is now where it is left out',
  openapi: { type: 'string', format: 'date-time' },
});

/** A place in the list of nodes: as it is (`asOf` null), or as it was at a moment. */
const placeAmongNodes = z.string({ error: once }).transform((cursor, context) => {
  const now = decodeCursor('nodes', cursor);
  if (now !== null) return { asOf: null, after: now };
  const past = decodeCursor('nodes-as-of', cursor);
  if (past !== null) return placeAsOf(past);
  context.addIssue('must be a nextCursor or endCursor that this list gave out');
  return z.NEVER;
});

export const listNodesQuery = z.strictObject({
  ...nodeFilter.shape,
  asOf,
  ...slice('nodes'),
  cursor: placeAmongNodes.optional().meta(CURSOR),
});
export const asOfQuery = z.strictObject({ asOf });
export const historyQuery = z.strictObject(slice('history'));

/** Steps come with their messages, each up to 256 KiB long. */
const MAX_STEPS = 50;
const DEFAULT_STEPS = 20;
const STEPS_LIMIT = `must be a whole number from 1 to ${MAX_STEPS}`;

export const nodeStepsQuery = z.strictObject({
  ...slice('steps'),
  limit: z
    .string({ error: once })
    .regex(/^\d{1,2}$/, STEPS_LIMIT)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_STEPS, STEPS_LIMIT)
    .default(DEFAULT_STEPS)
    .meta({
      description: 'Most steps of the page',
      openapi: { type: 'integer', minimum: 1, maximum: MAX_STEPS, default: DEFAULT_STEPS },
    }),
});
export const listDeadLettersQuery = z.strictObject({
  ...deadLetterFilter.shape,
  quarantined: z
    .enum(['true', 'false'], { error: (issue) => (Array.isArray(issue.input) ? once(issue) : 'must be true or false') })
    .transform((text) => text === 'true')
    .optional()
    .describe('Only letters that are in quarantine, or only others'),
  ...slice('dead-letters'),
});
export const listDriftQuery = z.strictObject({ ...driftFilter.shape, ...slice('drift') });
export const listAuditQuery = z.strictObject({ ...auditFilter.shape, ...slice('audit') });
export const noQuery = z.strictObject({});
export const noBody = z.strictObject({});
export const deregisterQuery = z.strictObject({ reason });
