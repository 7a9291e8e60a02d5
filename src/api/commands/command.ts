import { v7 as uuidv7 } from 'uuid';
import {
  canonicalHash,
  encode,
  headersOf,
  MAX_VALUE_BYTES,
  topicOf,
  type Message,
  type Output,
} from '../../messages/index.js';
import type { OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import type { OperationKind } from '../read/operation-store.js';
import { noteMessage } from '../http/noted-message.js';
import { correlationId, idempotencyKey, traceparent, tracestate, type RequestHeaders } from './request-headers.js';

/** A record whose value is the text of a message. */
type TextRecord = OutgoingRecord & { readonly value: string };

/** A command that was checked, ready to be stored and published. */
export type Command = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly nodeId: string;
  readonly idempotencyKey: string | null;
  /** Two requests are the same when their hashes are. */
  readonly requestHash: string;
  readonly record: TextRecord;
};

type Said = Output<'REGISTER_NODE' | 'DEREGISTER_NODE'>;

/** What messages of the api have in common. */
type Origin = { readonly registryId: string; readonly headers: RequestHeaders };

/** Throws a `validation` problem for a bad Idempotency-Key, and `payload-too-large` for what the log does not take. */
export function commandOf(said: Said, origin: Origin): Command {
  const kind = said.eventType === 'REGISTER_NODE' ? 'register' : 'deregister';
  const { message, record } = rootMessage(said, origin);
  return {
    id: message.eventId,
    kind,
    nodeId: said.payload.nodeId,
    idempotencyKey: idempotencyKey(origin.headers) ?? null,
    requestHash: canonicalHash({ kind, payload: said.payload }),
    record,
  };
}

/** A message that nothing caused but the request in hand; its key is the payload's node id. */
export function rootMessage(
  said: Said | Output<'REGISTRY_REQUEST_INTROSPECTION'>,
  { registryId, headers }: Origin,
): { readonly message: Message; readonly record: TextRecord } {
  const eventId = uuidv7();
  const message: Message = {
    eventId,
    eventTimestamp: new Date().toISOString(),
    sourceNodeId: registryId,
    correlationId: correlationId(headers) ?? eventId,
    causationId: null,
    ...said,
  };
  const value = encode(message);
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_VALUE_BYTES) {
    throw new Problem(
      'payload-too-large',
      `the message would have ${bytes} bytes, at most ${MAX_VALUE_BYTES} are allowed`,
    );
  }
  const { nodeId } = said.payload;
  noteMessage(headers, message);
  const recordHeaders = headersOf(message, traceparent(headers), tracestate(headers));
  return { message, record: { topic: topicOf(said.eventType), key: nodeId, value, headers: recordHeaders } };
}
