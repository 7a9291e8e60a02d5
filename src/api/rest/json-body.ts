import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';

/** Body of a request; undefined where there is none. Fastify also reads plain text and forms, which are refused here. */
export function jsonBody({ body, headers }: FastifyRequest): unknown {
  const type = headers['content-type'] ?? '';
  if (body === undefined || body === null || /^application\/json\s*(?:;|$)/i.test(type)) return body ?? undefined;
  throw new Problem('unsupported-media-type', `the body is ${type}, and has to be application/json`);
}
