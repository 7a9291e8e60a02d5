import { z } from 'zod';
import { DEAD_LETTER_CAUSES } from '../../messages/index.js';

/** The JSON of dead letters; a part of `DOCUMENTS`. */
const time = z.iso.datetime().describe('RFC 3339, UTC');
const letterId = z.guid().describe('Of a dead letter');
const requestId = z.guid().describe('Of the request: its X-Correlation-Id, or one that was made for it');

const deadLetter = z.strictObject({
  id: z.guid(),
  originalTopic: z.string().describe('Full name of the topic that the message came by'),
  originalPartition: z.int(),
  originalOffset: z.string(),
  cause: z.enum(DEAD_LETTER_CAUSES),
  reason: z.string(),
  nodeId: z.string().nullable().describe("The message's key, where that is a node id"),
  valueTruncated: z.boolean().describe('It was too long to be kept whole, and cannot be sent again'),
  occurredAt: time.describe('When the message was appended to its topic'),
  rootId: letterId.describe('The first letter of its line: itself, unless it is the failure of a redrive'),
  attempt: z.int().describe('1 at first, and one more for each redrive of the same root that failed'),
  quarantined: z.boolean().describe('It failed too often: it is sent again only when it is released or forced'),
  redrives: z.int().describe('How often it was sent again'),
});

const redrive = z.strictObject({
  redrivenAt: time,
  how: z.enum(['id', 'filter']).describe('By its id, or as one of those that a filter found'),
  requestId: requestId.nullable().describe('Null where the release of then did not note it'),
  requestedFrom: z.string().nullable().describe('Address that the request came from'),
  forced: z.boolean().describe('Although it was in quarantine'),
});

const successor = deadLetter
  .pick({ id: true, attempt: true, occurredAt: true, quarantined: true })
  .extend({ redriveOf: letterId.nullable().describe('The letter whose redrive failed so') });

const deadLetterDetail = deadLetter.extend({
  originalKey: z.string().nullable(),
  originalKeyEncoding: z
    .enum(['utf8', 'base64'])
    .describe('How `originalKey` is written: base64 where it is no plain text'),
  originalHeaders: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  originalValue: z.string().nullable().describe('Base64; null for a tombstone'),
  originalText: z.string().nullable().describe('The value as text; null where it is none'),
  valueSha256: z.string().nullable().describe('Of the whole value, also where it was cut'),
  originalEventId: z
    .guid()
    .nullable()
    .describe('Of the message, where it could be read; the id of the operation of a command'),
  redriveOf: letterId.nullable().describe('The letter whose redrive failed so; null for the first of its line'),
  quarantinedAt: time.nullable(),
  lineQuarantined: z.boolean().describe('A letter of its line is in quarantine, so this one is not sent again, either'),
  redrives: z.array(redrive).describe('The last 1000 times that it was sent again, oldest first'),
  successors: z.array(successor).describe('Later letters of its line, the first 100'),
});

const redriveReport = z.strictObject({
  requestId,
  dryRun: z.boolean(),
  matched: z.int().describe('Letters that the filter finds; of more than 10,000 the oldest 10,000 are looked at'),
  moreMatch: z.boolean().describe('There are more than were looked at: a narrower filter reaches them'),
  sent: z
    .strictObject({ count: z.int(), ids: z.array(letterId) })
    .describe('What was sent, in this order; of a dry run what would be sent'),
  notSent: z
    .array(
      z.strictObject({
        why: z
          .enum([
            'truncated',
            'no_value',
            'unread_topic',
            'quarantined',
            'superseded',
            'over_limit',
            'unconfirmed',
            'not_tried',
            'gone',
          ])
          .describe(
            '`superseded`: a later letter of its line stands for it. `over_limit`: the next request sends it. `unconfirmed`: ' +
              'the log did not answer, and may have it. `not_tried`: one before it was not taken. `gone`: deleted meanwhile',
          ),
        count: z.int(),
        ids: z.array(letterId).describe('The first 20'),
      }),
    )
    .describe('What was found and not sent, by reason'),
});

export const DEAD_LETTER_PARTS = { DeadLetter: deadLetter } as const;

export const DEAD_LETTER_DOCUMENTS = {
  DeadLetterPage: z.strictObject({
    items: z.array(deadLetter),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end'),
  }),
  DeadLetterDetail: deadLetterDetail,
  Redrive: z.strictObject({ id: letterId, requestId }),
  RedriveReport: redriveReport,
  DeadLetterRelease: z.strictObject({
    id: letterId,
    released: z.array(letterId).describe('Letters of its line that were in quarantine; empty where none was'),
  }),
} as const;
