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

/**
 * Header of a message that was sent again: the id of the dead letter that it came from. Should it fail again, the next dead
 * letter keeps it among its headers, and so knows its ancestor. Outputs have headers of their own: it goes no further.
 */
export const REDRIVE_HEADER = 'rollcall-redrive-of';

/**
 * What is kept of a record, in bytes; where anything was cut, it can only be looked at. All together, escaped and in base64, stays
 * below what the log takes: a record that cannot even become a dead letter would block its partition for ever.
 */
const MAX_KEPT_VALUE = 512 * 1024;
const MAX_KEPT_KEY = 16 * 1024;
const MAX_KEPT_HEADERS = 64 * 1024;

/**
 * The dead letter of a record: one for its place in the log, the same however often it is made. Its own key is that of the
 * record, to the byte; `original_key` is the same as text, or in base64 where it is not UTF-8.
 */
export function deadLetterOf(
  record: LogRecord,
  cause: DeadLetterCause,
  reason: string,
  registryId: string,
): OutgoingRecord & { readonly value: string } {
  const { topicName, partition, offset, value, appendedAt } = record;
  const eventId = deadLetterId(topicName, partition, offset);
  const { key, headers, notKept } = kept(record);
  const keyText = key === null ? null : isUtf8(key) ? key.toString() : key.toString('base64');
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
      originalHeaders: headers,
      originalValue: value === null ? null : value.subarray(0, MAX_KEPT_VALUE).toString('base64'),
      valueTruncated: (value !== null && value.length > MAX_KEPT_VALUE) || notKept.length > 0,
      valueSha256: value === null ? null : createHash('sha256').update(value).digest('hex'),
      cause,
      reason: [redact(reason, 500), ...notKept].join('; '),
    },
  };
  return { topic: 'dlq.v1', key, value: encode(message), headers: headersOf(message) };
}

type Kept = {
  readonly key: Buffer | null;
  readonly headers: Record<string, string | string[]>;
  /** What had to be left out, in words. */
  readonly notKept: readonly string[];
};

function kept({ key, headers: original }: LogRecord): Kept {
  const headers = copied(original);
  const headerBytes = Buffer.byteLength(JSON.stringify(headers));
  const longKey = key !== null && key.length > MAX_KEPT_KEY;
  const longHeaders = headerBytes > MAX_KEPT_HEADERS;
  return {
    key: longKey ? null : key,
    headers: longHeaders ? {} : headers,
    notKept: [
      ...(longKey ? [`its key of ${key.length} bytes is not kept`] : []),
      ...(longHeaders ? [`its headers of ${headerBytes} bytes are not kept`] : []),
    ],
  };
}

function copied(headers: LogRecord['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}
