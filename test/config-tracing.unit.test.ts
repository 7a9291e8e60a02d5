import { describe, expect, it } from '@jest/globals';
import { ConfigError, describeConfig, describeVariables, loadConfig } from '../src/config.js';

const OFF: readonly Record<string, string>[] = [
  {},
  { OTEL_SERVICE_NAME: 'registry', OTEL_TRACES_SAMPLER: 'always_on' },
  { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
];

describe('tracing', () => {
  it.each(OFF)('is off with %j', (env) => {
    expect(loadConfig(env).tracing).toBeNull();
  });

  it.each([
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://127.0.0.1:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otlp/' }, 'https://collector/otlp/v1/traces'],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:1/spans', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:1' },
      'http://t:1/spans',
    ],
  ])('%j: spans go to %s', (env, url) => {
    expect(loadConfig(env as Record<string, string>).tracing).toMatchObject({ url, serviceName: 'rollcall', ratio: 1 });
  });

  it('takes the names of the standard', () => {
    const config = loadConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20t0ken-of-ours, x-tenant=blue',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
      OTEL_SERVICE_NAME: 'registry-b',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,zone=b%2C1',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.05',
    });
    expect(config.tracing).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: { authorization: 'Bearer t0ken-of-ours', 'x-tenant': 'blue' },
      timeoutMs: 2500,
      serviceName: 'registry-b',
      resource: { 'deployment.environment.name': 'test', zone: 'b,1' },
      sampler: 'parentbased_traceidratio',
      ratio: 0.05,
    });
    const shown = JSON.stringify(describeConfig(config));
    expect(shown).toContain('"headers":["authorization","x-tenant"]');
    expect(shown).not.toContain('t0ken');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:password@collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://collector:4317'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 's3cr3t-word'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=%zz'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_TRACES_EXPORTER', 'console'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=1,b'],
    ['OTEL_SDK_DISABLED', 'yes'],
  ])('refuses %s=%s', (variable, value) => {
    const load = () => loadConfig({ [variable]: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(`  - ${variable}=`);
    expect(load).not.toThrow('s3cr3t-word');
  });

  it('is told of by --help, each name apart from what it has to be', () => {
    for (const line of describeVariables().split('\n')) expect(line).toMatch(/^ {2}[A-Z][A-Z0-9_]+ +\S/);
  });
});
