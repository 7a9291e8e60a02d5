import { TaskCancelledError } from 'cockatiel';
import type { ErrorCode } from '../resilience/error-codes.js';
import { ConsulDenial, ConsulRefusal } from './consul-errors.js';

/** What undici and Node's sockets call a time that ran out. */
const TIMEOUTS = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** Our own mistake in using the client: no state of the network. */
const MISUSE = /^(ERR_INVALID|ERR_ASSERTION|UND_ERR_INVALID|UND_ERR_NOT_SUPPORTED|UND_ERR_REQ_CONTENT)/;

/** Whose fault an error of the Consul client is. */
export function classifyConsulError(error: unknown): ErrorCode {
  if (error instanceof ConsulDenial) return 'CONSUL_AUTH_ERROR';
  if (error instanceof ConsulRefusal) return classifyStatus(error.status);
  // Not isTaskCancelledError(): in cockatiel 3.2 it looks for the mark of another error, and is never true.
  if (error instanceof TaskCancelledError) return 'CONSUL_TIMEOUT_ERROR';
  const { code, statusCode, isTimeout } = (error ?? {}) as Record<string, unknown>;
  // The consul package: an answer has statusCode, a timeout isTimeout, a failed connection the code of its socket.
  if (typeof statusCode === 'number') return classifyStatus(statusCode);
  if (isTimeout === true) return 'CONSUL_TIMEOUT_ERROR';
  if (typeof code !== 'string') return 'CONSUL_UNKNOWN_ERROR';
  if (TIMEOUTS.has(code)) return 'CONSUL_TIMEOUT_ERROR';
  // System calls, DNS, TLS and undici all put a code on what the network did to them.
  return MISUSE.test(code) ? 'CONSUL_UNKNOWN_ERROR' : 'CONSUL_CONNECTION_ERROR';
}

function classifyStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'CONSUL_AUTH_ERROR';
  if (status === 408 || status === 504) return 'CONSUL_TIMEOUT_ERROR';
  // 404, 405, a redirect: whoever answers there is no Consul (a proxy, a wrong port), which is no node's fault.
  if (status === 429 || status >= 500 || status < 400 || status === 404 || status === 405) {
    return 'CONSUL_CONNECTION_ERROR';
  }
  return 'CONSUL_VALIDATION_ERROR';
}
