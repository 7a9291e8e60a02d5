import { isAscii, isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { camelCased, snakeCased } from './case.js';
import { isMessageType, PAYLOADS, type Message, type MessageType } from './catalogue.js';
import type { DEAD_LETTER_CAUSES } from './dead-letter.js';
import { ENVELOPE_VERSION, envelopeSchema } from './envelope.js';
import { quoted, wireText } from './json-text.js';
import { isJsonObject } from './json.js';
import { ordinaryEnvelope, ordinaryIntrospection } from './ordinary.js';
import { redact } from './redaction.js';
import { DEADLINE_TOPICS, isWrittenByOthers, messagesOn, type TopicSuffix } from './topics.js';

/** 256 KiB: what a value that others write may have at most, in bytes. */
export const MAX_VALUE_BYTES = 256 * 1024;
/**
 * What we make of it can be longer, and must not be refused half-way: a record repeats capabilities as tags, and 1e20 takes
 * 21 digits once it was read and written. Topics of ours take 2 MiB.
 */
const MAX_OWN_VALUE_BYTES = 1536 * 1024;

export type DeadLetterCause = (typeof DEAD_LETTER_CAUSES)[number];

/** `text` is the value as it came: what the journal keeps. */
export type Decoded =
  | { readonly ok: true; readonly message: Message; readonly text: string }
  | { readonly ok: false; readonly cause: DeadLetterCause; readonly reason: string };

type Raw = { readonly key: Buffer | string | null; readonly value: Buffer | null };

/** Reads a record of the log. Never throws: what cannot be read says why. */
export function decode(topic: TopicSuffix, { key, value }: Raw): Decoded {
  if (value === null) return malformed('the value is null (a tombstone), expected a JSON envelope');
  const maxBytes = isWrittenByOthers(topic) ? MAX_VALUE_BYTES : MAX_OWN_VALUE_BYTES;
  if (value.length > maxBytes) {
    const reason = `the value has ${value.length} bytes, at most ${maxBytes} are allowed`;
    return { ok: false, cause: 'too_large', reason };
  }
  const ascii = isAscii(value);
  if (!ascii && !isUtf8(value)) return malformed('the value is not UTF-8');
  // The same text, and sooner there.
  const text = value.toString(ascii ? 'latin1' : 'utf8');
  const decoded = decodeText(text, topic);
  if (!decoded.ok) return decoded;
  // A dead letter keeps the key of its original, whatever that was.
  if (decoded.message.eventType === 'DEAD_LETTER') return decoded;
  const { nodeId } = decoded.message.payload;
  if (key === null) return malformed('the key is null, expected the node_id of the payload');
  if (key.toString() !== nodeId) return malformed(`the key is not the payload's node_id (${nodeId})`);
  return decoded;
}

/** Reads the text of a message; with a topic, only what that topic carries. */
export function decodeText(text: string, topic?: TopicSuffix): Decoded {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return malformed(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  // Only an escape can bring such characters in.
  if (text.includes('\\u') && hasUnstorableText(json)) {
    return malformed('a string has a NUL character or half of a surrogate pair, which cannot be stored');
  }
  const envelope = readEnvelope(json);
  if (typeof envelope === 'string') return malformed(envelope);
  const { event_type: eventType } = envelope;
  if (!isMessageType(eventType)) return unrouted(`unknown event_type ${JSON.stringify(eventType)}`);
  if (topic !== undefined && !messagesOn(topic).includes(eventType)) {
    return unrouted(`${eventType} does not belong on ${topic}, which carries ${messagesOn(topic).join(', ')}`);
  }
  const payload = readPayload(eventType, envelope.payload);
  if (typeof payload === 'string') return malformed(payload);
  const message = {
    eventId: envelope.event_id,
    eventType,
    eventTimestamp: envelope.event_timestamp,
    sourceNodeId: envelope.source_node_id,
    correlationId: envelope.correlation_id,
    causationId: envelope.causation_id,
    payload,
  } as Message;
  if (message.eventType === 'DEADLINE_PASSED' && topic !== undefined) {
    const { kind } = message.payload;
    if (DEADLINE_TOPICS[kind] !== topic)
      return malformed(`payload.kind: ${kind} is judged on ${DEADLINE_TOPICS[kind]}`);
  }
  return { ok: true, message, text };
}

/** What is wrong, where it is a string. */
function readEnvelope(json: unknown): Omit<z.output<typeof envelopeSchema>, 'envelope_version'> | string {
  const ordinary = ordinaryEnvelope(json);
  if (ordinary !== null) return ordinary;
  const { data, error } = envelopeSchema.safeParse(json);
  return error === undefined ? data : problems(error);
}

/** With the names of the inside; what is wrong, where it is a string. */
function readPayload(eventType: MessageType, payload: unknown): Message['payload'] | string {
  if (eventType === 'NODE_INTROSPECTION' && isJsonObject(payload)) {
    const ordinary = ordinaryIntrospection(payload);
    if (ordinary !== null) return ordinary;
  }
  const { data, error } = PAYLOADS[eventType].safeParse(payload);
  return error === undefined ? (camelCased<unknown>(data) as Message['payload']) : problems(error, 'payload');
}

/** The value of a message on the wire. The same message always gives the same bytes. */
export function encode(message: Message): string {
  return encoded(message, wireText);
}

/** The same, for one whose record comes this once: remembered, it would drive out of memory the texts that come again. */
export function encodeOnce(message: Message): string {
  return encoded(message, (payload) => JSON.stringify(snakeCased(payload)));
}

function encoded(message: Message, textOf: (payload: unknown) => string): string {
  const { eventId, eventType, eventTimestamp, sourceNodeId, correlationId, causationId, payload } = message;
  return (
    `{"envelope_version":"${ENVELOPE_VERSION}","event_id":${quoted(eventId)},"event_type":"${eventType}",` +
    `"event_timestamp":${quoted(eventTimestamp)},"source_node_id":${quoted(sourceNodeId)},` +
    `"correlation_id":${quoted(correlationId)},"causation_id":${causationId === null ? 'null' : quoted(causationId)},` +
    `"payload":${textOf(payload)}}`
  );
}

/** Headers of a message on the wire; `traceparent`, with its `tracestate`, is passed on from what caused the message. */
export function headersOf(message: Message, traceparent?: string, tracestate?: string): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    event_type: message.eventType,
    correlation_id: message.correlationId,
  };
  if (traceparent !== undefined) {
    headers['traceparent'] = traceparent;
    // Says more about the parent, and without one nothing.
    if (tracestate !== undefined) headers['tracestate'] = tracestate;
  }
  return headers;
}

/** What PostgreSQL's JSON cannot hold, in any key or value. Walks without recursion: nothing is known of the depth yet. */
export function hasUnstorableText(json: unknown): boolean {
  const rest = [json];
  for (let value = rest.pop(); rest.length > 0 || value !== undefined; value = rest.pop()) {
    if (typeof value === 'string' && UNSTORABLE.test(value)) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value)) rest.push(inner);
    if (!Array.isArray(value) && Object.keys(value).some((key) => UNSTORABLE.test(key))) return true;
  }
  return false;
}

const UNSTORABLE = /[\0\p{Surrogate}]/u;

function malformed(reason: string): Decoded {
  return { ok: false, cause: 'malformed', reason: redact(reason, 500) };
}

function unrouted(reason: string): Decoded {
  return { ok: false, cause: 'unrouted', reason: redact(reason, 500) };
}

/** `payload.node_id: must be …; payload.reason: …` */
function problems(error: z.ZodError, at?: string): string {
  return error.issues
    .slice(0, 10)
    .map(
      (issue) =>
        `${[...(at === undefined ? [] : [at]), ...issue.path.map(String)].join('.') || 'message'}: ${issue.message}`,
    )
    .join('; ');
}
