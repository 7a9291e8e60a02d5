import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openLabels } from '../ops/closed-sets.js';
import { namesIn, samplesOf, type Sample } from '../ops/exposition.js';
import { metricOf, metricsTable, OF_PROCESS } from '../ops/metrics-table.js';
import { Collector } from '../support/collector.js';
import { until } from '../support/stack.js';
import { post } from './both/api.js';
import { embeddedPlace } from './both/embedded-place.js';
import { HttpNode } from './both/http-node.js';
import type { Place } from './both/place.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { build, Rollcall } from './rollcall.js';

const NODE = 'observed-4f1c';
const SECRET = 'a-token-of-the-collector';

describe('a running registry, after a handshake and a lot of rubbish', () => {
  jest.setTimeout(600_000);
  let place: Place;
  let rollcall: Rollcall;
  let collector: Collector;
  let metrics: string;
  let samples: readonly Sample[];

  beforeAll(async () => {
    await build();
    collector = await Collector.open();
    place = await embeddedPlace({
      ...LONG_TIMES,
      LOG_LEVEL: 'debug',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRET}`,
    });
    rollcall = await Rollcall.start(place.environment);
    const node = await HttpNode.open(place.url, NODE);
    await node.introspect();
    await node.activate();
    await node.heartbeat();
    await rubbish(place.url);
    // What was sent may be decided after it was answered.
    await until(() => rollcall.lines.some(({ rule, nodeId }) => rule === 'reject' && nodeId === `${NODE}-toaster`), {
      what: 'the rejection of a toaster',
    });
    // The fleet is counted, and health looked at, now and then.
    await until(
      async () => {
        metrics = await (await fetch(`${place.url}/metrics`)).text();
        samples = samplesOf(metrics);
        const isWell =
          valueOf('rollcall_ready') === 1 && valueOf('rollcall_component_status', { component: 'kafka' }) === 2;
        return isWell && valueOf('rollcall_nodes', { state: 'rejected' }) !== undefined;
      },
      { what: 'metrics of a registry that is well and has counted its fleet' },
    );
    node.stream.close();
    await rollcall.stop();
  });

  afterAll(async () => {
    await rollcall?.kill();
    await place?.clear();
    await collector?.close();
  });

  const valueOf = (series: string, labels: Sample['labels'] = {}) =>
    samples.find((one) => one.series === series && Object.entries(labels).every(([name, v]) => one.labels[name] === v))
      ?.value;

  it('exports the metrics that docs/operations.md lists, and no others', () => {
    const ours = namesIn(metrics).filter((name) => name.startsWith('rollcall_'));
    expect([...ours].sort()).toEqual([...metricsTable().keys()].sort());
    expect(namesIn(metrics)).toEqual(expect.arrayContaining([...OF_PROCESS.keys()]));
  });

  it('gives them the labels that are listed', () => {
    const table = metricsTable();
    const wrong = samples.flatMap(({ series, labels }) => {
      const listed = table.get(metricOf(series, (name) => table.has(name)));
      const found = Object.keys(labels).filter((name) => name !== 'le');
      return listed === undefined || [...listed].sort().join() === found.sort().join() ? [] : [series, found];
    });
    expect(wrong).toEqual([]);
  });

  it('keeps every label to its closed set, and names no node', () => {
    expect(openLabels(samples)).toEqual([]);
    expect(openLabels([{ series: 'rollcall_x', labels: { machine: NODE, own: 'x' }, value: 1 }])).toHaveLength(2);
    expect(metrics).not.toContain(NODE);
  });

  it('counts what happened', () => {
    expect(valueOf('rollcall_nodes', { state: 'active', node_type: 'effect' })).toBe(1);
    expect(valueOf('rollcall_nodes', { state: 'rejected', node_type: 'unknown' })).toBe(1);
    expect(valueOf('rollcall_registration_duration_seconds_count', { until: 'active' })).toBe(1);
    expect(valueOf('rollcall_effect_duration_seconds_count', { operation: 'consul.register' })).toBeGreaterThan(0);
    expect(valueOf('rollcall_ready')).toBe(1);
    expect(valueOf('rollcall_component_status', { component: 'kafka' })).toBe(2);
    expect(valueOf('rollcall_data_free_bytes')).toBeGreaterThan(0);
    const silent = { method: 'POST', route: '/v1/nodes/:nodeId/heartbeat', status: '2xx' };
    expect(valueOf('rollcall_http_request_duration_seconds_count', silent)).toBe(2);
  });

  it('has written whom and which message each line is about', () => {
    const of = (msg: string) => rollcall.lines.filter((line) => line.msg === msg);
    for (const line of [...of('step'), ...of('effect')]) {
      expect(line).toMatchObject({
        nodeId: expect.any(String),
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
    }
    expect(of('effect').length).toBeGreaterThan(3);
    const [ack] = of('request').filter(({ operation }) => operation === 'POST /v1/nodes/:nodeId/ack');
    expect(ack).toMatchObject({ status: 202, nodeId: NODE, eventId: expect.any(String), trace_id: expect.any(String) });
    expect(JSON.stringify(rollcall.lines)).not.toContain(SECRET);
  });

  it('has sent its spans before it stopped, with the headers that it was given', () => {
    expect(collector.headers['authorization']).toBe(`Bearer ${SECRET}`);
    const ofNode = collector.spans.filter(({ attributes }) => attributes['rollcall.node_id'] === NODE);
    expect(new Set(ofNode.map(({ service }) => service))).toEqual(new Set(['rollcall']));
    expect(ofNode.map(({ attributes }) => attributes['rollcall.event_type'])).toEqual(
      expect.arrayContaining(['NODE_INTROSPECTION', 'CONSUL_INTENT', 'NODE_REGISTRATION_ACKED', 'NODE_BECAME_ACTIVE']),
    );
    const step = ofNode.find(({ attributes }) => attributes['rollcall.event_type'] === 'NODE_INTROSPECTION');
    const request = collector.spans.find(({ spanId }) => spanId === step?.parentSpanId);
    expect(request?.name).toBe('POST /v1/nodes/:nodeId/introspection');
  });
});

/** What clients send that is wrong in every way; each with an id that no metric may show. */
async function rubbish(url: string): Promise<void> {
  await post(`${url}/v1/nodes/${NODE}-toaster/introspection`, { nodeType: 'toaster' });
  await post(`${url}/v1/nodes/${NODE}-unknown/heartbeat`, {});
  await post(`${url}/v1/nodes/${NODE}/introspection`, { nodeType: 'effect', [NODE]: 1 });
  await post(`${url}/v1/${NODE}`, {});
  await post(`${url}/graphql`, { query: `{ ${NODE} }` });
  await fetch(`${url}/v1/nodes/${NODE}%20/history?cursor=${NODE}`);
  await fetch(`${url}/${NODE}`, { method: 'PATCH', body: NODE });
  await fetch(`${url}/v1/nodes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
}
