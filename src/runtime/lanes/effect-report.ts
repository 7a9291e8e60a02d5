/** What is told of an intent: on its span, where one is recorded, and in the log. */
import type { Backend, Intent } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Tracing } from '../tracing/tracing.js';
import type { EffectOutcome } from './effect.js';
import type { Received } from './intake.js';
import { endAll } from './step-traces.js';

/** With spans, which the results carry on. */
export function tracedIntents(
  tracing: Tracing | undefined,
  backend: Backend,
  received: readonly Received[],
): readonly Received[] {
  if (tracing === undefined) return received;
  return received.map((one) => {
    const span = tracing.message(backend, one.message, one.record, one);
    // Unless more is told.
    span.set({ 'rollcall.outcome': 'passed_over' });
    return { ...one, span, traceparent: span.traceparent, tracestate: span.tracestate };
  });
}

/** With an error, as failed: the intents come again, and have other spans then. */
export function endIntents(received: readonly Received[], error?: unknown): void {
  endAll(
    received.flatMap(({ span }) => span ?? []),
    error,
  );
}

type Done = { readonly intent: Intent; readonly outcome: EffectOutcome; readonly durationMs: number };

/** What became of an intent. */
export function tellOutcome(
  log: Log,
  backend: Backend,
  { message, span }: Received,
  { intent, outcome, durationMs }: Done,
): void {
  span?.set({ 'rollcall.outcome': outcome.ok ? 'ok' : outcome.errorCode, 'rollcall.revision': intent.revision });
  if (!outcome.ok) span?.fail(outcome.errorMessage);
  const level = outcome.ok ? 'debug' : 'warn';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      backend,
      nodeId: intent.nodeId,
      eventId: message.eventId,
      correlationId: message.correlationId,
      operation: intent.intentType,
      revision: intent.revision,
      durationMs,
      ...(outcome.ok ? {} : { errorCode: outcome.errorCode, error: outcome.errorMessage }),
      ...span?.ids,
    },
    outcome.ok ? 'effect' : 'the backend refuses the record for good',
  );
}
