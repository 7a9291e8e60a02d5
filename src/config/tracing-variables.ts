/**
 * Traces, by the variables that OpenTelemetry gives every program. Off unless one of them says where spans go: the standard's own
 * default, a collector on this machine, would have every registry knock at a door that is not there.
 */
import { z } from 'zod';
import { about, milliseconds, oneOf, secret } from './fields.js';

const SAMPLERS = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;

const collector = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && !/[@?#]/.test(text);
});

/** `a=1,b=2`, values percent-encoded. */
const pairs = z
  .string()
  .transform((text) => text.split(',').map((pair) => pair.trim()))
  .pipe(z.array(z.string().regex(/^[\w.-]+\s*=[^,=]*(=*)$/)))
  .transform((all) => all.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), valueOf(pair)] as const))
  .refine((all) => all.every(([, value]) => value !== null))
  .transform((all) => Object.fromEntries(all) as Readonly<Record<string, string>>)
  .optional();

export const tracingVariables = {
  OTEL_SDK_DISABLED: oneOf(['false', 'true'], 'false'),
  OTEL_TRACES_EXPORTER: about(
    z.enum(['otlp', 'none']).optional(),
    'otlp or none; otlp where an endpoint is named',
    'otlp',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: about(
    collector.optional(),
    'the URL of a collector of OTLP over HTTP, to which /v1/traces is added',
    'http://127.0.0.1:4318',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: about(
    collector.optional(),
    'the whole URL to which spans are posted',
    'http://127.0.0.1:4318/v1/traces',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(['http/json'], 'http/json'),
  OTEL_EXPORTER_OTLP_HEADERS: secret(pairs, 'name=value pairs, separated by commas, values percent-encoded'),
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds(10_000),
  OTEL_SERVICE_NAME: about(
    z.string().max(255).default('rollcall'),
    'what this program is called in traces',
    'rollcall',
  ),
  OTEL_RESOURCE_ATTRIBUTES: about(
    pairs,
    'name=value pairs that are said of this process, separated by commas',
    'deployment.environment.name=production',
  ),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS, 'parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: about(
    z
      .string()
      .regex(/^(0|1|0?\.\d{1,9}|1\.0+)$/)
      .transform(Number)
      .default(1),
    'the share of traces that is recorded by a sampler with ratio, from 0 to 1',
    '0.05',
  ),
};

type TracingValues = Readonly<z.output<z.ZodObject<typeof tracingVariables>>>;

/** Null: nothing is traced. */
export function tracingOf(values: TracingValues) {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_EXPORTER_OTLP_ENDPOINT: base } = values;
  const named =
    values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base === undefined ? undefined : `${trimmed(base)}${PATH}`);
  const isOff = values.OTEL_SDK_DISABLED === 'true' || exporter === 'none';
  if (isOff || (exporter === undefined && named === undefined)) return null;
  const resource = values.OTEL_RESOURCE_ATTRIBUTES ?? {};
  return {
    url: named ?? `http://127.0.0.1:4318${PATH}`,
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    timeoutMs: values.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: values.OTEL_SERVICE_NAME,
    resource,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  };
}

const PATH = '/v1/traces';

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

function valueOf(pair: string): string | null {
  try {
    return decodeURIComponent(pair.slice(pair.indexOf('=') + 1).trim());
  } catch {
    return null;
  }
}
