import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import {
  deadLetterId,
  encode,
  headersOf,
  NODE_ID_PATTERN,
  redact,
  type DeadLetterCause,
  type Message,
} from '../../messages/index.js';
import type { LogRecord, OutgoingRecord } from './lane.js';

/** What of a value is kept, in bytes; a longer one is cut and can then only be looked at. */
const MAX_KEPT_BYTES = 512 * 1024;

/** The dead letter of a record: one for its place in the log, the same however often it is made. */
export function deadLetterOf(
  record: LogRecord,
  cause: DeadLetterCause,
  reason: string,
  registryId: string,
): OutgoingRecord {
  const { topicName, partition, offset, key, value, headers, appendedAt } = record;
  const eventId = deadLetterId(topicName, partition, offset);
  const keyText = key === null ? null : isUtf8(key) ? key.toString() : key.toString('base64');
  const truncated = value !== null && value.length > MAX_KEPT_BYTES;
  const message: Message<'DEAD_LETTER'> = {
    eventId,
    eventType: 'DEAD_LETTER',
    eventTimestamp: new Date(appendedAt).toISOString(),
    sourceNodeId: registryId,
    correlationId: eventId,
    causationId: null,
    payload: {
      nodeId: keyText !== null && NODE_ID_PATTERN.test(keyText) ? keyText : null,
      originalTopic: topicName,
      originalPartition: partition,
      originalOffset: offset,
      originalKey: keyText,
      originalHeaders: copied(headers),
      originalValue: value === null ? null : value.subarray(0, MAX_KEPT_BYTES).toString('base64'),
      valueTruncated: truncated,
      valueSha256: value === null ? null : createHash('sha256').update(value).digest('hex'),
      cause,
      reason: redact(reason, 500),
    },
  };
  return { topic: 'dlq.v1', key, value: encode(message), headers: headersOf(message) };
}

function copied(headers: LogRecord['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}
