import type { FastifyReply, FastifyRequest } from 'fastify';
import { NODE_ID_PATTERN } from '../../messages/index.js';
import type { Log, TracedSpan } from '../../runtime/index.js';
import { messageOf } from './noted-message.js';
import type { RequestLabels } from './request-metrics.js';

/** What nodes say comes ten thousand times a second; GraphQL is a read by POST. */
const EVERYDAY = /^\/graphql$|\/(?:introspection|ack|heartbeat)$/;

/**
 * A line for each request of the api. What changes something by somebody's hand is told at `info`, everything else at `debug`. The
 * path has the names of parameters, not what came: a query may hold what somebody searches for, and never belongs in a log.
 */
export function logRequest(
  log: Log,
  request: FastifyRequest,
  reply: FastifyReply,
  { method, route }: Pick<RequestLabels, 'method' | 'route'>,
  span: TracedSpan | undefined,
): void {
  const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  const level = reads || route === 'none' || EVERYDAY.test(route) ? 'debug' : 'info';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      operation: `${method} ${route}`,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      caller: callerOf(request),
      nodeId: nodeIdOf(request),
      ...messageOf(request.headers),
      ...span?.ids,
    },
    'request',
  );
}

/** Who was let in; null where nobody had to say who he is. */
function callerOf(request: FastifyRequest): string | null {
  const { caller } = request as { readonly caller?: { readonly name?: unknown } | null };
  return typeof caller?.name === 'string' ? caller.name : null;
}

function nodeIdOf({ params }: FastifyRequest): string | undefined {
  const nodeId = (params as Readonly<Record<string, unknown>> | undefined)?.['nodeId'];
  // What is no id of a node could be anything.
  return typeof nodeId === 'string' && NODE_ID_PATTERN.test(nodeId) ? nodeId : undefined;
}
