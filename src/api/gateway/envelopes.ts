import type { FastifyInstance } from 'fastify';
import {
  decode,
  ENVELOPE_TYPE,
  HTTP_PUBLIC_KEY_HEADER,
  HTTP_SIGNATURE_HEADER,
  PUBLIC_KEY_HEADER,
  readSignature,
  SIGNATURE_HEADER,
  signatureHeaders,
  topicOf,
  type Message,
} from '../../messages/index.js';
import type { RequestHeaders } from '../commands/request-headers.js';
import { Problem } from '../http/problem.js';
import type { SaidType } from './node-says.js';

const GATEWAY = /\/:nodeId\/(?:introspection|ack|heartbeat)$/;

/** Bodies that are whole envelopes are kept as they came: what is signed are their bytes. Elsewhere nobody has a use for them. */
export function takeEnvelopes(server: FastifyInstance): void {
  server.addContentTypeParser(ENVELOPE_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    if (GATEWAY.test(request.routeOptions.url ?? '')) return done(null, body);
    done(Object.assign(new Error(`${ENVELOPE_TYPE} is only for what nodes say`), { statusCode: 415 }));
  });
}

/** What a node says in an envelope of its own, read as it will be from the log. Throws a `validation` problem. */
export function messageIn<T extends SaidType>(eventType: T, nodeId: string, value: Buffer): Message<T> {
  const decoded = decode(topicOf(eventType), { key: nodeId, value });
  if (!decoded.ok) throw refused('body', decoded.reason);
  const { message } = decoded;
  if (message.eventType === eventType) return message as Message<T>;
  throw refused('body', `event_type: must be ${eventType} here, not ${message.eventType}`);
}

/** The node's signature as headers of the record; whether it is true is for whoever reads the log. Throws a `validation` problem. */
export function signatureIn(headers: RequestHeaders): Readonly<Record<string, string>> {
  const read = readSignature({
    [SIGNATURE_HEADER]: headers[HTTP_SIGNATURE_HEADER],
    [PUBLIC_KEY_HEADER]: headers[HTTP_PUBLIC_KEY_HEADER],
  });
  if (read === null) return {};
  if (!('wrong' in read)) return signatureHeaders(read);
  throw refused(
    'header',
    `${HTTP_SIGNATURE_HEADER} and ${HTTP_PUBLIC_KEY_HEADER}: must be 64 and 32 bytes in base64url, without padding`,
  );
}

function refused(where: 'body' | 'header', message: string): Problem {
  const field = where === 'body' ? 'body' : HTTP_SIGNATURE_HEADER;
  return new Problem('validation', `${field} (${where}) is not valid`, [{ in: where, field, message }]);
}
