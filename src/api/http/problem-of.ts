import { HttpException } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import { StateUnavailable } from '../read/query.js';
import { Problem } from './problem.js';

/** Whatever was thrown, as what the caller may know of it. An unexpected error becomes `internal`, without its text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StateUnavailable) {
    return new Problem('state-unavailable', 'The state database does not answer. Try again later; /health tells more.');
  }
  const status = statusOf(error);
  switch (status) {
    case 404:
      return new Problem('route-not-found', `${errorText(error, 300)}. See /openapi.json for what there is.`);
    case 413:
    case 414:
    case 431:
      return new Problem('payload-too-large', errorText(error, 300), [], status);
    case 415:
      return new Problem('unsupported-media-type', errorText(error, 300));
    default:
      return status >= 400 && status < 500
        ? new Problem('malformed-request', errorText(error, 300), [], status)
        : new Problem('internal', 'The registry could not answer; its log has the reason.');
  }
}

/** Of Nest's exceptions, and of Fastify's errors, which carry it as a field. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 500;
}
