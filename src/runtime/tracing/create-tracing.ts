import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { errorText, registerSecret } from '../../messages/index.js';
import type { Log } from '../log.js';
import { samplerOf, type SamplerOptions } from './sampler.js';
import type { MessagingSystem } from './attributes.js';
import { Tracing } from './tracing.js';

export type TracingOptions = SamplerOptions & {
  /** Where spans are posted as JSON: the whole URL. */
  readonly url: string;
  /** Of each post; values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string;
  /** What else is said of this process. */
  readonly resource: Readonly<Record<string, string>>;
};

type About = { readonly version: string; readonly messagingSystem: MessagingSystem };

/** Spans that wait to be sent; with more, new ones are dropped, never the work that they tell of. */
const MAX_QUEUED = 20_000;
const MAX_SENT_AT_ONCE = 1000;
const SENT_EVERY_MS = 1000;
/** A batch has at most 500 messages, and what follows from them in the same transaction. */
const MAX_LINKS = 1000;
/** Shorter values of headers, such as the name of a tenant, are ordinary words: to mask them would spoil the log. */
const SECRET_FROM = 12;
/** A collector that is away must not hold up the stop. */
const CLOSE_WITHIN_MS = 2000;

/** Tracing that posts spans to a collector, by OTLP over HTTP as JSON. */
export function createTracing(options: TracingOptions, about: About, log: Log): Tracing {
  const { url, headers, timeoutMs } = options;
  for (const value of Object.values(headers)) if (value.length >= SECRET_FROM) registerSecret(value);
  const lost = (error: unknown): void => {
    log.warn({ error: errorText(error, 300) }, 'spans could not be sent, and are lost');
  };
  setGlobalErrorHandler(lost);
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: MAX_QUEUED,
    maxExportBatchSize: MAX_SENT_AT_ONCE,
    scheduledDelayMillis: SENT_EVERY_MS,
    exportTimeoutMillis: timeoutMs,
  });
  return tracingThrough(processor, options, about, lost);
}

/** The same, to whatever takes the spans. */
export function tracingThrough(
  processor: SpanProcessor,
  { serviceName, resource, ...sampling }: Pick<TracingOptions, 'serviceName' | 'resource' | keyof SamplerOptions>,
  { version, messagingSystem }: About,
  lost: (error: unknown) => void = () => undefined,
): Tracing {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ ...resource, 'service.name': serviceName, 'service.version': version }),
    sampler: samplerOf(sampling),
    spanLimits: { linkCountLimit: MAX_LINKS },
    spanProcessors: [processor],
  });
  return new Tracing({
    tracer: provider.getTracer('rollcall', version),
    messagingSystem,
    close: () => within(CLOSE_WITHIN_MS, provider.shutdown().catch(lost)),
  });
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
