import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { Log, TracedSpan, Tracing } from '../../runtime/index.js';
import { logRequest } from './log-request.js';
import { messageOf } from './noted-message.js';
import { RequestMetrics, requestLabels } from './request-metrics.js';

export type Observation = {
  readonly log: Log;
  readonly metrics: Registry;
  /** Null: requests have no spans, and their trace headers are passed on as they came. */
  readonly tracing: Tracing | null;
};

/** Answers that last as long as somebody listens: their duration says nothing. */
const STREAMS = /\/events$/;
/**
 * Asked by machines all the time, or files. A heartbeat tells of itself by its metric, and its own trace headers are passed on.
 */
const UNTRACED = /^\/(?:health|metrics|docs|openapi\.json)|\/heartbeat$|\*$/;

/**
 * Each request of the api is measured, has a line in the log, and a span where tracing is on. The span takes the place of the request's
 * own trace headers, so that whatever is published for the request carries the span on without knowing of it. Before the routes
 * are made: a route keeps the hooks that were there.
 */
export function observeRequests(fastify: FastifyInstance, { log, metrics, tracing }: Observation): void {
  const measured = new RequestMetrics(metrics);
  const spans = new WeakMap<FastifyRequest, TracedSpan>();

  if (tracing !== null) {
    fastify.addHook('onRequest', (request, _reply, done) => {
      const span = spanOf(request, tracing);
      if (span !== null) spans.set(request, span);
      done();
    });
  }
  fastify.addHook('onResponse', (request, reply, done) => {
    const { url: route } = request.routeOptions;
    const labels = requestLabels(request.method, route, reply.statusCode);
    const isStream = route !== undefined && STREAMS.test(route);
    if (!isStream) measured.answered(labels, reply.elapsedTime / 1000);
    const span = spans.get(request);
    logRequest(log, request, reply, labels, span);
    if (span !== undefined) endSpan(span, request, reply);
    done();
  });
}

function spanOf(request: FastifyRequest, tracing: Tracing): TracedSpan | null {
  const { url: route } = request.routeOptions;
  if (route === undefined || STREAMS.test(route) || UNTRACED.test(route)) return null;
  const { headers } = request.raw;
  const span = tracing.request(request.method, route, request.url.split('?', 1)[0] ?? '', {
    traceparent: textOf(headers['traceparent']),
    tracestate: textOf(headers['tracestate']),
  });
  headers['traceparent'] = span.traceparent;
  if (span.tracestate === undefined) delete headers['tracestate'];
  else headers['tracestate'] = span.tracestate;
  return span;
}

function endSpan(span: TracedSpan, request: FastifyRequest, reply: FastifyReply): void {
  const message = messageOf(request.headers);
  span.set({
    'http.response.status_code': reply.statusCode,
    ...(message === undefined
      ? {}
      : {
          'rollcall.node_id': message.nodeId ?? '',
          'messaging.message.id': message.eventId,
          ...(message.correlationId === null ? {} : { 'messaging.message.conversation_id': message.correlationId }),
        }),
  });
  if (reply.statusCode >= 500) span.fail(`answered with ${reply.statusCode}`);
  span.end();
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
