import { z } from 'zod';
import { BACKENDS, DEAD_LETTER_CAUSES, NODE_ID_PATTERN, NODE_TYPES } from '../messages/index.js';
import { AUDIT_ACTIONS, OTHER_REQUEST } from './audit/actions.js';
import { AUDIT_OUTCOMES } from './read/audit-entry.js';
import { decodeCursor, isStorableTime, type CursorKind } from './read/cursor.js';
import { NODE_STATES } from './read/node.js';

/**
 * What callers may pass, in REST and in GraphQL alike: one schema a field, so that both refuse the same in the same words.
 */
export const MAX_PAGE = 1000;
export const DEFAULT_PAGE = 100;

/** Characters that PostgreSQL cannot hold in a text: NUL, and halves of surrogate pairs. */
const STORABLE = /^[^\u0000\ud800-\udfff]*$/u;

export const text = (what: string, maxLength: number) =>
  z
    .string({ error: once })
    .min(1, 'must not be empty')
    .max(maxLength, `must have at most ${maxLength} characters`)
    .regex(STORABLE, 'must not contain null characters or broken Unicode')
    .describe(what);

/** A parameter that came twice is a list. */
export function once({ input }: { readonly input?: unknown }): string {
  return Array.isArray(input) ? 'must be given once' : 'must be a text';
}

export const nodeIdParameter = z
  .string({ error: once })
  .regex(NODE_ID_PATTERN, 'must be 1-255 letters, digits, ".", "_" or "-", and begin with a letter or digit')
  .describe('Id of a node');

/** Ids of operations and dead letters; in lower case, as they are stored. */
export const idParameter = z
  .guid({ error: ({ input }) => (Array.isArray(input) ? once({ input }) : 'must be a UUID') })
  .toLowerCase()
  .describe('A UUID that the API gave out');

const MOMENT = 'must be a time of RFC 3339, such as 2026-11-21T09:30:00Z; in a URL, the + of an offset is written %2B';

/** A moment that has been, by this process's clock; as RFC 3339, UTC, with milliseconds. */
export const pastMoment = z.iso
  .datetime({ offset: true, error: ({ input }) => (Array.isArray(input) ? once({ input }) : MOMENT) })
  .transform((time, context) => {
    const ms = Date.parse(time);
    if (!isStorableTime(ms)) context.addIssue(MOMENT);
    else if (ms > Date.now()) context.addIssue('must not be in the future');
    else return new Date(ms).toISOString();
    return z.NEVER;
  });

/** Any moment with its zone, past or not; as RFC 3339, UTC, with milliseconds. */
function moment(what: string) {
  return z.iso
    .datetime({ offset: true, error: ({ input }) => (Array.isArray(input) ? once({ input }) : MOMENT) })
    .transform((time, context) => {
      const ms = Date.parse(time);
      if (isStorableTime(ms)) return new Date(ms).toISOString();
      context.addIssue(MOMENT);
      return z.NEVER;
    })
    .describe(what);
}

/** Fields of a filter, the same in REST and GraphQL. */
export const nodeFilter = z.strictObject({
  state: z
    .enum(NODE_STATES, { error: `must be one of ${NODE_STATES.join(', ')}` })
    .optional()
    .describe('Only nodes in this state; all states where it is left out'),
  nodeType: z
    .enum(NODE_TYPES, { error: `must be one of ${NODE_TYPES.join(', ')}` })
    .optional()
    .describe('Only nodes of this type'),
  capability: text('Only nodes with exactly this capability tag', 255).optional(),
  q: text('Only nodes with this text in their id or in a capability tag, whatever its case', 255).optional(),
});

/** Which dead letters a list shows; all that are given have to hold. */
export const deadLetterFilter = z.strictObject({
  cause: z
    .enum(DEAD_LETTER_CAUSES, { error: `must be one of ${DEAD_LETTER_CAUSES.join(', ')}` })
    .optional()
    .describe('Only dead letters of this cause'),
  originalTopic: text('Only messages of the topic with this full name', 255).optional(),
  nodeId: nodeIdParameter.describe('Only messages whose key was this node id').optional(),
  reasonContains: text('Only dead letters with this text in their reason, whatever its case', 255).optional(),
  occurredFrom: moment('Only messages that were appended at this time or later').optional(),
  occurredTo: moment('Only messages that were appended before this time').optional(),
  redriven: z
    .enum(['never', 'any'], { error: 'must be never or any' })
    .optional()
    .describe('`never`: only what was not sent again yet'),
});

const DRIFTS = ['missing', 'altered', 'ghost', 'foreign'] as const;

/** Which entries a list of drift shows; all that are given have to hold. */
export const driftFilter = z.strictObject({
  backend: z
    .enum(BACKENDS, { error: `must be one of ${BACKENDS.join(', ')}` })
    .optional()
    .describe('Only entries of this backend'),
  drift: z
    .enum(DRIFTS, { error: `must be one of ${DRIFTS.join(', ')}` })
    .optional()
    .describe('Only drift of this kind'),
  nodeId: text('Only entries of this node, or with this name', 512).optional(),
});

/** Which entries of the audit a list shows; all that are given have to hold. */
export const auditFilter = z.strictObject({
  caller: text('Only of the caller with exactly this name', 255).optional(),
  action: z
    .enum([...AUDIT_ACTIONS, OTHER_REQUEST], {
      error: `must be one of ${[...AUDIT_ACTIONS, OTHER_REQUEST].join(', ')}`,
    })
    .optional()
    .describe('Only requests for this'),
  outcome: z
    .enum(AUDIT_OUTCOMES, { error: `must be one of ${AUDIT_OUTCOMES.join(', ')}` })
    .optional()
    .describe('Only requests that ended so'),
  target: text('Only requests about the node, or other thing, with exactly this id', 300).optional(),
  from: moment('Only entries of this time or later').optional(),
  to: moment('Only entries before this time').optional(),
});

export const PAGE_LIMIT = `must be a whole number from 1 to ${MAX_PAGE}`;
export const pageSize = z.number({ error: PAGE_LIMIT }).int(PAGE_LIMIT).min(1, PAGE_LIMIT).max(MAX_PAGE, PAGE_LIMIT);

export function position(kind: CursorKind) {
  return z.string({ error: once }).transform((cursor, context) => {
    const decoded = decodeCursor(kind, cursor);
    if (decoded === null) context.addIssue('must be a nextCursor or endCursor that this list gave out');
    return decoded ?? z.NEVER;
  });
}
