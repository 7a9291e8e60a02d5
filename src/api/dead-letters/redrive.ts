import { TOPIC_SUFFIXES, TopicNames, type TopicSuffix } from '../../messages/index.js';
import { REDRIVE_HEADER, type OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import type { Original } from '../read/dead-letters-redrives.js';

/** Why an original cannot be made again, or nobody would read it. */
export type NotRedrivable = 'truncated' | 'no_value' | 'unread_topic';

/** What {@link notRedrivable} looks at. */
type Kept = Pick<Original, 'originalTopic' | 'valueTruncated'> & { readonly hasValue: boolean };

/** Null where nothing stands against it. */
export function notRedrivable(kept: Kept, topicPrefix: string): NotRedrivable | null {
  if (kept.valueTruncated) return 'truncated';
  if (!kept.hasValue) return 'no_value';
  return suffixOf(kept.originalTopic, topicPrefix) === undefined ? 'unread_topic' : null;
}

/**
 * The message that became a dead letter, as it was: key, value and headers to the byte, and one header more, which says where it
 * comes from. Null where {@link notRedrivable} says why.
 */
export function recordOf(letter: Original, topicPrefix: string): OutgoingRecord | null {
  const { id, originalTopic, originalKey, originalKeyEncoding, originalHeaders, originalValue, valueTruncated } =
    letter;
  const topic = suffixOf(originalTopic, topicPrefix);
  if (valueTruncated || originalValue === null || topic === undefined) return null;
  return {
    topic,
    key: originalKey === null ? null : Buffer.from(originalKey, originalKeyEncoding),
    value: Buffer.from(originalValue, 'base64'),
    headers: { ...originalHeaders, [REDRIVE_HEADER]: id },
  };
}

/** The same, or a problem (409) that says why not. */
export function recordToRedrive(letter: Original, topicPrefix: string): OutgoingRecord {
  const why = notRedrivable({ ...letter, hasValue: letter.originalValue !== null }, topicPrefix);
  if (why !== null) throw problemOf(letter, why);
  const record = recordOf(letter, topicPrefix);
  if (record === null) throw new Error(`dead letter ${letter.id} has no record, though nothing stands against it`);
  return record;
}

function problemOf({ id, originalTopic }: Original, why: NotRedrivable): Problem {
  switch (why) {
    case 'truncated':
      return new Problem(
        'dead-letter-truncated',
        `dead letter ${id} was not kept whole: its original has to be sent anew`,
      );
    case 'no_value':
      return new Problem(
        'dead-letter-not-redrivable',
        `dead letter ${id} has no value (a tombstone): nothing to send again`,
      );
    case 'unread_topic':
      return new Problem('dead-letter-not-redrivable', `nobody here reads topic ${originalTopic} any more`);
    default:
      return why satisfies never;
  }
}

/** Dead letters themselves are for operators alone. */
function suffixOf(fullName: string, topicPrefix: string): TopicSuffix | undefined {
  const names = new TopicNames(topicPrefix);
  return TOPIC_SUFFIXES.find((suffix) => suffix !== 'dlq.v1' && names.full(suffix) === fullName);
}
