import { SpanStatusCode, type Attributes, type Span, type SpanContext } from '@opentelemetry/api';
import { traceparentOf, type TraceHeaders } from './trace-context.js';

/** The fields by which a line of the log is found from a span, and a span from a line. */
export type SpanIds = { readonly trace_id: string; readonly span_id: string };

/**
 * A span of ours. It carries what the headers of everything that follows from it have to say; one that is not sampled has that,
 * too, so that nobody behind it samples it either. It is recorded once it has ended: one that is dropped leaves no trace.
 */
export class TracedSpan implements TraceHeaders {
  readonly context: SpanContext;
  readonly traceparent: string;
  readonly tracestate: string | undefined;

  constructor(readonly span: Span) {
    this.context = span.spanContext();
    this.traceparent = traceparentOf(this.context);
    const state = this.context.traceState?.serialize();
    this.tracestate = state === '' ? undefined : state;
  }

  get isRecorded(): boolean {
    return this.span.isRecording();
  }

  get ids(): SpanIds {
    return { trace_id: this.context.traceId, span_id: this.context.spanId };
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  /** Marks it as failed; it still has to end. `reason` must hold no secret. */
  fail(reason: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }

  end(): void {
    this.span.end();
  }
}
