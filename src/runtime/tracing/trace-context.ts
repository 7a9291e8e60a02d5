import { ROOT_CONTEXT, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';

/** W3C Trace Context, as the headers of a record or a request carry it. */
export type TraceHeaders = {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
};

/** What a span is begun under: the span that the headers name, or nothing where they name none that can be read. */
export function parentOf({ traceparent, tracestate }: TraceHeaders): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (parent === null) return ROOT_CONTEXT;
  const state = tracestate === undefined ? {} : { traceState: new TraceState(tracestate) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...state, isRemote: true });
}

/** The header that makes what follows a child of the span. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
