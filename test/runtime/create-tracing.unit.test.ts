import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { redact } from '../../src/messages/index.js';
import { createTracing, type TracingOptions } from '../../src/runtime/tracing/create-tracing.js';
import type { SamplerName } from '../../src/runtime/tracing/sampler.js';
import { introspection } from '../support/builders.js';
import { Collector } from '../support/collector.js';
import { until } from '../support/stack.js';
import { recording } from '../support/traced-world.js';

const ABOUT = { version: '1.2.3', messagingSystem: { name: 'kafka', topicName: (topic: string) => topic } };
const OPTIONS: Omit<TracingOptions, 'url'> = {
  headers: { authorization: 'Bearer of-the-collector' },
  timeoutMs: 60_000,
  serviceName: 'registry-b',
  resource: { 'deployment.environment.name': 'test' },
  sampler: 'parentbased_always_on',
  ratio: 1,
};
const PLACE = { topic: 'evt.node-introspection.v1' } as const;

describe('the exporter', () => {
  let collector: Collector;
  let lines: { readonly msg?: string }[];
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) });

  beforeEach(async () => {
    lines = [];
    collector = await Collector.open();
  });
  afterEach(() => collector.close());

  it('posts what has ended as JSON, at the latest as it is closed, with its headers, which are secrets', async () => {
    const tracing = createTracing({ ...OPTIONS, url: `${collector.url}/v1/traces` }, ABOUT, log);
    const span = tracing.message('orchestrator', introspection(1), PLACE, {});
    tracing.message('orchestrator', introspection(2), PLACE, {}); // never ends
    span.end();
    await tracing.close();
    // The close waits no longer than two seconds for a slow machine.
    await until(() => collector.spans.length > 0, { what: 'the span' });
    expect(collector.spans).toMatchObject([
      { service: 'registry-b', traceId: span.context.traceId, spanId: span.context.spanId, parentSpanId: null },
    ]);
    expect(collector.headers).toMatchObject({
      authorization: 'Bearer of-the-collector',
      'content-type': 'application/json',
    });
    expect(redact('Bearer of-the-collector')).not.toContain('of-the-collector');
    expect(lines).toEqual([]);
  });

  it('says that spans are lost where the collector is away, and still closes', async () => {
    const url = `${collector.url}/v1/traces`;
    await collector.close();
    const tracing = createTracing({ ...OPTIONS, timeoutMs: 300, url }, ABOUT, log);
    tracing.message('orchestrator', introspection(1), PLACE, {}).end();
    await tracing.close();
    await until(() => lines.length > 0, { what: 'the line' });
    expect(lines).toMatchObject([{ msg: 'spans could not be sent, and are lost' }]);
    collector = await Collector.open();
  });
});

describe('samplers', () => {
  const SAMPLED = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const PASSED_OVER = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' };

  it.each<[SamplerName, number, boolean, boolean, boolean]>([
    ['always_on', 1, true, true, true],
    ['always_off', 1, false, false, false],
    ['traceidratio', 0, false, false, false],
    ['traceidratio', 1, true, true, true],
    ['parentbased_always_on', 1, true, true, false],
    ['parentbased_always_off', 1, false, true, false],
    ['parentbased_traceidratio', 0, false, true, false],
    ['parentbased_traceidratio', 1, true, true, false],
  ])('%s with %d: a root %s, a child of a sampled one %s, of another %s', (sampler, ratio, root, child, other) => {
    const { tracing } = recording({ sampler, ratio });
    const recorded = [{}, SAMPLED, PASSED_OVER].map(
      (headers) => tracing.message('orchestrator', introspection(1), PLACE, headers).isRecorded,
    );
    expect(recorded).toEqual([root, child, other]);
  });
});
