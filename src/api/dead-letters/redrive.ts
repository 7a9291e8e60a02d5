import { TOPIC_SUFFIXES, TopicNames, type TopicSuffix } from '../../messages/index.js';
import type { OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import type { DeadLetterDetail } from '../read/dead-letters.js';

/**
 * The message that became a dead letter, as it was: key, value and headers to the byte. Throws a problem (409) where it cannot
 * be made again, or nobody would read it.
 */
export function recordToRedrive(letter: DeadLetterDetail, topicPrefix: string): OutgoingRecord {
  const { id, originalTopic, originalKey, originalKeyEncoding, originalHeaders, originalValue } = letter;
  if (letter.valueTruncated) {
    throw new Problem(
      'dead-letter-truncated',
      `dead letter ${id} was not kept whole: its original has to be sent anew`,
    );
  }
  if (originalValue === null) {
    throw new Problem(
      'dead-letter-not-redrivable',
      `dead letter ${id} has no value (a tombstone): nothing to send again`,
    );
  }
  const topic = suffixOf(originalTopic, new TopicNames(topicPrefix));
  if (topic === undefined) {
    throw new Problem('dead-letter-not-redrivable', `nobody here reads topic ${originalTopic} any more`);
  }
  return {
    topic,
    key: originalKey === null ? null : Buffer.from(originalKey, originalKeyEncoding),
    value: Buffer.from(originalValue, 'base64'),
    headers: originalHeaders,
  };
}

/** Dead letters themselves are for operators alone. */
function suffixOf(fullName: string, names: TopicNames): TopicSuffix | undefined {
  return TOPIC_SUFFIXES.find((suffix) => suffix !== 'dlq.v1' && names.full(suffix) === fullName);
}
