import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { traceparent, tracestate, type RequestHeaders } from '../commands/request-headers.js';
import { validated } from '../http/validate.js';

/** What a node may say of its message beside the body. All are optional. */
export const NODE_HEADERS = {
  'x-event-id': "The message's id: a request sent again with the same id is the same message. Default: a new one",
  'x-correlation-id': 'Of the workflow that the message belongs to, or begins. Default: the id of the message',
  'x-causation-id': 'Id of the message that caused this one. Default: none',
} as const;

type Identity = {
  readonly eventId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
};

const uuid = z.guid('must be a UUID').toLowerCase().optional();

/** Throws a `validation` problem that names the header. A broken `traceparent` is left out, as its standard wants it. */
export function identityOf(headers: RequestHeaders): Identity {
  const id = (name: keyof typeof NODE_HEADERS) => validated(uuid, headers[name], 'header', name);
  // A default that follows from the id stays the same when the request is repeated.
  const eventId = id('x-event-id') ?? randomUUID();
  return {
    eventId,
    correlationId: id('x-correlation-id') ?? eventId,
    causationId: id('x-causation-id') ?? null,
    traceparent: traceparent(headers),
    tracestate: tracestate(headers),
  };
}
