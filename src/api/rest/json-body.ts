import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';

const NO_OBJECT = 'must be a JSON object';

/** Body of a request; undefined where there is none. Fastify also reads plain text and forms, which are refused here, as JSON's null is. */
export function jsonBody({ body, headers }: FastifyRequest): unknown {
  if (body === undefined) return undefined;
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    throw new Problem('unsupported-media-type', `the body is ${type}, and has to be application/json`);
  if (body === null)
    throw new Problem('validation', 'body is not valid', [{ in: 'body', field: 'body', message: NO_OBJECT }]);
  return body;
}
