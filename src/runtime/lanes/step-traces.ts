/**
 * The spans of steps. One begins when the step is read in, or, where it is taken in the transaction of another, when it is decided; it
 * ends when all that follows from its batch is in the log. A transaction that is tried again begins the latter anew.
 */
import { errorText } from '../../messages/index.js';
import type { Place } from '../tracing/attributes.js';
import type { TracedSpan } from '../tracing/traced-span.js';
import type { Tracing } from '../tracing/tracing.js';
import type { Taken } from './decide-batch.js';
import type { Step } from './step.js';

/** The same with a span, which what follows from it carries on. */
export function traced<T extends Taken>(tracing: Tracing, taken: T, place: Place): T {
  const span = tracing.message(taken.machine.name, taken.message, place, taken);
  return { ...taken, span, traceparent: span.traceparent, tracestate: span.tracestate };
}

/** What became of a step. */
export function tell(span: TracedSpan, from: string, { rule, path, ignored, outputs }: Step): void {
  span.set({
    'rollcall.rule': rule,
    'rollcall.from': from,
    'rollcall.to': path.at(-1) ?? from,
    'rollcall.outputs': outputs.map(({ eventType }) => eventType),
    ...(ignored === null ? {} : { 'rollcall.ignored': ignored }),
  });
}

/** All of them end now; with an error, as failed: their messages come again, and have other spans then. */
export function endAll(spans: Iterable<TracedSpan>, error?: unknown): void {
  const reason = error === undefined ? undefined : errorText(error, 300);
  for (const span of spans) {
    if (reason !== undefined) span.fail(reason);
    span.end();
  }
}
