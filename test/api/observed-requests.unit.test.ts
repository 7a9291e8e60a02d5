import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import { recording } from '../support/traced-world.js';
import { auditedOnly } from './audited.js';
import { json, startApi, type TestApi } from './test-app.js';

type Line = Readonly<Record<string, unknown>>;

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OF_CALLER = { traceparent: `00-${TRACE}-b7ad6b7169203331-01`, tracestate: 'vendor=of-the-caller' };
/** No such table: an answer of 500. */
const BROKEN = auditedOnly(() => Object.assign(new Error('relation is missing'), { code: '42P01' }));
const EVENT_ID = '00000000-0000-4000-8000-000000000007';

let api: TestApi;
let lines: Line[];
let exporter: InMemorySpanExporter;

beforeEach(async () => {
  lines = [];
  const recorded = recording();
  exporter = recorded.exporter;
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  api = await startApi(BROKEN, { log, tracing: recorded.tracing });
});
afterEach(() => api.close());

function said(path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const request = json(body);
  return api.request(path, { ...request, headers: { ...(request.headers as Record<string, string>), ...headers } });
}

/** Those of requests: they are written once the answer is on its way. */
async function requestLines(count: number): Promise<readonly Line[]> {
  const found = () => lines.filter(({ msg }) => msg === 'request');
  while (found().length < count) await new Promise((resolve) => setImmediate(resolve));
  return found();
}

describe('a line of the log', () => {
  it('names the message that a request became', async () => {
    const ids = { 'x-event-id': EVENT_ID, 'x-correlation-id': '00000000-0000-4000-8000-000000000008' };
    expect((await said('/v1/nodes/n-1/ack', {}, ids)).status).toBe(202);
    const [line] = await requestLines(1);
    expect(line).toMatchObject({
      level: 20,
      operation: 'POST /v1/nodes/:nodeId/ack',
      status: 202,
      durationMs: expect.any(Number),
      caller: 'anonymous',
      nodeId: 'n-1',
      eventId: EVENT_ID,
      correlationId: ids['x-correlation-id'],
    });
  });

  it('is told at info where somebody changes something', async () => {
    await said('/v1/introspection-requests', { targetNodeId: 'n-1' });
    const [line] = await requestLines(1);
    expect(line).toMatchObject({ level: 30, operation: 'POST /v1/introspection-requests', nodeId: 'n-1', status: 202 });
  });

  it('has nothing of what came with the request but the id of a node', async () => {
    await api.request('/v1/nodes?q=s3cret-search', { headers: { authorization: 'Bearer s3cret-token' } });
    await api.request('/v1/nodes/s3cret%20id/history');
    await api.request('/s3cret-path');
    await said('/v1/introspection-requests', { 's3cret-field': 's3cret-value' });
    const found = await requestLines(4);
    expect(found.map(({ operation, status }) => [operation, status])).toEqual([
      ['GET /v1/nodes', 500],
      ['GET /v1/nodes/:nodeId/history', 400],
      ['GET none', 404],
      ['POST /v1/introspection-requests', 400],
    ]);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });
});

describe('the span of a request', () => {
  it('is the child of the caller, and the parent of what is published', async () => {
    await said('/v1/nodes/n-1/ack', {}, { ...OF_CALLER, 'x-event-id': EVENT_ID });
    await requestLines(1);
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      name: 'POST /v1/nodes/:nodeId/ack',
      kind: SpanKind.SERVER,
      parentSpanContext: { traceId: TRACE, spanId: 'b7ad6b7169203331' },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/nodes/:nodeId/ack',
        'url.path': '/v1/nodes/n-1/ack',
        'http.response.status_code': 202,
        'rollcall.node_id': 'n-1',
        'messaging.message.id': EVENT_ID,
      },
    });
    expect(api.bus.published[0]?.headers).toMatchObject({
      traceparent: `00-${TRACE}-${span?.spanContext().spanId}-01`,
      tracestate: OF_CALLER.tracestate,
    });
    const [line] = await requestLines(1);
    expect(line).toMatchObject({ trace_id: TRACE, span_id: span?.spanContext().spanId });
  });

  it('begins a trace where the caller has none, or a broken one', async () => {
    await said('/v1/introspection-requests', {}, { traceparent: '00-xyz-01', tracestate: 'a=b' });
    await requestLines(1);
    const [span] = exporter.getFinishedSpans();
    expect(span?.parentSpanContext).toBeUndefined();
    const { headers } = api.bus.published[0]!;
    expect(headers['traceparent']).toContain(span?.spanContext().traceId);
    expect(headers).not.toHaveProperty('tracestate');
  });

  it('has failed where the answer is a mistake of ours, and not where it is the caller’s', async () => {
    await api.request('/v1/nodes');
    await api.request('/v1/nodes?limit=x');
    await requestLines(2);
    expect(exporter.getFinishedSpans().map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
    ]);
  });

  it('is none for what is asked all the time; a heartbeat passes its own headers on', async () => {
    await api.request('/health');
    await api.request('/metrics');
    await said('/v1/nodes/n-1/heartbeat', {}, OF_CALLER);
    await requestLines(3);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(api.bus.published[0]?.headers).toMatchObject(OF_CALLER);
  });
});

it('requests are counted by closed sets, whatever clients send', async () => {
  await api.request('/v1/nodes/n-1');
  await api.request('/v1/nodes/n-2');
  for (const path of ['/rubbish/1', '/rubbish/2', '/v1/%ff']) await api.request(path);
  await requestLines(4);
  const text = await api.metrics.getSingleMetricAsString('rollcall_http_request_duration_seconds');
  const counts = [...text.matchAll(/_count\{(.*)\} (\d+)/g)].map(([, labels, count]) => `${labels} ${count}`);
  expect(counts).toContain('method="GET",route="/v1/nodes/:nodeId",status="5xx" 2');
  expect(counts.filter((one) => one.includes('route="none"')).length).toBeGreaterThan(0);
  expect(text).not.toMatch(/n-1|rubbish|%ff/);
});
