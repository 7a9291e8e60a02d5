import { z } from 'zod';
import { AUDIT_ACTIONS, OTHER_REQUEST } from './actions.js';

/** The JSON of the audit and of callers; a part of `DOCUMENTS`. */
const time = z.iso.datetime().describe('RFC 3339, UTC');

const caller = z.strictObject({
  name: z.string(),
  role: z.enum(['reader', 'operator', 'admin', 'node']),
  source: z
    .enum(['token', 'oidc', 'none'])
    .describe('`token`: of ADMIN_TOKENS. `oidc`: of the OpenID provider. `none`: nobody has to authenticate here'),
});

const entry = z.strictObject({
  id: z.guid(),
  at: time.describe('When it was written, before the command was carried out'),
  firstAt: time.nullable().describe('Of several refused requests, told as one, the first; else null'),
  action: z
    .enum([...AUDIT_ACTIONS, OTHER_REQUEST])
    .describe('What was wanted; `request` where it was refused and would have been no command'),
  caller: caller.nullable().describe('Null where nobody said, or proved, who it is'),
  ip: z.string().describe('Address that it came from; `many` where there were too many'),
  method: z.string(),
  route: z.string(),
  target: z.string().nullable().describe('Id of the node, dead letter or other thing that it was about'),
  details: z.string().nullable().describe('What was asked for, as JSON, cut after 2000 characters'),
  outcome: z
    .enum(['done', 'refused', 'failed'])
    .nullable()
    .describe('Null: it is under way, or the process died meanwhile, so that it may have been carried out or not'),
  status: z.int().nullable().describe('Of the answer'),
  problem: z.string().nullable().describe('Type of the problem that it was answered with'),
  resultId: z.guid().nullable().describe('Of the operation, event, redrive or repair that it came to'),
  count: z.int().describe('Requests that this entry stands for'),
});

export const AUDIT_PARTS = { AuditEntry: entry } as const;

export const AUDIT_DOCUMENTS = {
  AuditPage: z.strictObject({
    items: z.array(entry),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end'),
  }),
  Caller: caller.extend({
    nodes: z
      .string()
      .nullable()
      .describe('Of a node: the id that it may speak for, or the beginning of ids with `*`; null: all, or no node'),
    expiresAt: time.nullable().describe('When its credentials end'),
  }),
} as const;
