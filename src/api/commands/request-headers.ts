import { z } from 'zod';
import { validated } from '../http/validate.js';

/** What a command may carry beside its body; names as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const printable = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be 1-255 printable ASCII characters');

/** Undefined where there is none. Throws a `validation` problem. */
export function idempotencyKey(headers: RequestHeaders): string | undefined {
  return validated(printable.optional(), headers['idempotency-key'], 'header', 'Idempotency-Key');
}

/** A correlation id that somebody else uses for his own logs need not be a UUID: then it is left out. */
const correlation = z.guid().toLowerCase();

export function correlationId(headers: RequestHeaders): string | undefined {
  return correlation.safeParse(headers['x-correlation-id']).data;
}

/** W3C Trace Context; one that is broken is left out, as that standard wants it. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Means something only beside a `traceparent`. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

export function tracestate({ tracestate: value }: RequestHeaders): string | undefined {
  return typeof value === 'string' && TRACESTATE.test(value) ? value : undefined;
}

export function traceparent({ traceparent: value }: RequestHeaders): string | undefined {
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}
