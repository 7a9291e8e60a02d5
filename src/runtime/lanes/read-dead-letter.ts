import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { camelCased, errorText, PAYLOADS, type PayloadOf } from '../../messages/index.js';
import type { StoredDeadLetter } from '../journal/store-dead-letters.js';
import { REDRIVE_HEADER } from './dead-letters.js';
import type { LogRecord } from './lane.js';

export type ReadDeadLetter =
  { readonly ok: true; readonly letter: StoredDeadLetter } | { readonly ok: false; readonly reason: string };

/** What of the envelope is used. The codec would refuse characters that cannot be stored, of which dead letters may be full. */
const envelope = z.object({
  event_id: z.guid().toLowerCase(),
  event_type: z.literal('DEAD_LETTER'),
  event_timestamp: z.iso.datetime({ offset: true }),
  payload: PAYLOADS.DEAD_LETTER,
});

/** The row of a record of the dead-letter topic. Never throws: what cannot be read says why. */
export function readDeadLetter({ key, value }: LogRecord): ReadDeadLetter {
  if (value === null) return { ok: false, reason: 'it has no value (a tombstone)' };
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch (error) {
    return { ok: false, reason: `not JSON: ${errorText(error, 200)}` };
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error).slice(0, 500) };
  const { event_id: id, event_timestamp: at, payload: wire } = parsed.data;
  const occurredAt = new Date(at);
  if (Number.isNaN(occurredAt.getTime())) return { ok: false, reason: `event_timestamp is no time: ${at}` };
  const payload = camelCased(wire);
  return {
    ok: true,
    letter: {
      ...keyOf(payload, key),
      id,
      occurredAt: occurredAt.toISOString(),
      nodeId: cleaned(payload.nodeId),
      originalTopic: cleaned(payload.originalTopic),
      originalPartition: payload.originalPartition,
      originalOffset: cleaned(payload.originalOffset),
      originalHeaders: JSON.stringify(payload.originalHeaders),
      originalValue: cleaned(payload.originalValue),
      valueTruncated: payload.valueTruncated,
      valueSha256: cleaned(payload.valueSha256),
      redriveOf: uuid.safeParse(payload.originalHeaders[REDRIVE_HEADER]).data ?? null,
      originalEventId: eventIdOf(payload),
      cause: payload.cause,
      reason: cleaned(payload.reason),
    },
  };
}

const uuid = z.guid().toLowerCase();
const identified = z.looseObject({ event_id: uuid });

/** Of the message, where there is that much to read: what waits for it can be told what became of it. */
function eventIdOf({ originalValue, valueTruncated }: PayloadOf<'DEAD_LETTER'>): string | null {
  if (originalValue === null || valueTruncated) return null;
  try {
    const json: unknown = JSON.parse(Buffer.from(originalValue, 'base64').toString('utf8'));
    return identified.safeParse(json).data?.event_id ?? null;
  } catch {
    // Not JSON: in many cases the very reason why it is a dead letter.
    return null;
  }
}

/**
 * A dead letter has the key of its original, to the byte: so it can be told whether the text within is base64. Text that
 * PostgreSQL cannot hold becomes base64 here.
 */
function keyOf(
  { originalKey }: PayloadOf<'DEAD_LETTER'>,
  key: Buffer | null,
): Pick<StoredDeadLetter, 'originalKey' | 'originalKeyEncoding'> {
  if (key !== null && !isUtf8(key) && key.toString('base64') === originalKey) {
    return { originalKey, originalKeyEncoding: 'base64' };
  }
  if (originalKey !== null && UNSTORABLE.test(originalKey)) {
    return { originalKey: Buffer.from(originalKey).toString('base64'), originalKeyEncoding: 'base64' };
  }
  return { originalKey, originalKeyEncoding: 'utf8' };
}

const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EACH_UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** For what is only looked at: a mark in place of what PostgreSQL cannot hold. */
function cleaned<T extends string | null>(text: T): T {
  return (text?.replace(EACH_UNSTORABLE, '\uFFFD') ?? null) as T;
}
