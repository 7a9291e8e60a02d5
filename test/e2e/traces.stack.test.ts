import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { openLabels } from '../ops/closed-sets.js';
import { samplesOf } from '../ops/exposition.js';
import { Collector, type CollectedSpan } from '../support/collector.js';
import { describeStack, until } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { Ear } from './ear.js';
import { say, type Said } from './node-message.js';
import { build, Rollcall } from './rollcall.js';
import { World, type Seen } from './world.js';

const NODE = 'traced-77aa';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OF_NODE = '00f067aa0ba902b7';

describeStack('traces on real servers', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let collector: Collector;
  let first: Rollcall;
  let second: Rollcall;
  let ear: Ear;
  let accepted: Seen;
  let metrics: string;

  beforeAll(async () => {
    await build();
    collector = await Collector.open();
    world = await World.create({ ...LONG_TIMES, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    // Split, so that the trace has to go through Kafka.
    first = await Rollcall.start({
      ...world.environment,
      ROLES: 'api,orchestrator,consul',
      OTEL_SERVICE_NAME: 'first',
    });
    second = await Rollcall.start({
      ...world.environment,
      ROLES: 'reducer,postgres,heartbeats',
      OTEL_SERVICE_NAME: 'second',
    });
    ear = await Ear.open(world);
    const description = { node_type: 'effect', node_version: '1.0.0', capabilities: ['resize'], incarnation: 1 };
    const hello = say(NODE, 'NODE_INTROSPECTION', description);
    await append(hello, `00-${TRACE}-${OF_NODE}-01`);
    accepted = await ear.until(NODE, 'NODE_REGISTRATION_ACCEPTED', 1);
    const ack = say(NODE, 'NODE_REGISTRATION_ACKED', {}, { correlation_id: hello.correlationId });
    await append(ack, String(accepted.headers['traceparent']));
    await ear.until(NODE, 'NODE_BECAME_ACTIVE', 1);
    await rubbish();
    expect([await first.stop(), await second.stop()]).toEqual([0, 0]);
  });

  afterAll(async () => {
    await ear?.close();
    await Promise.all([first?.kill(), second?.kill()]);
    await world?.close();
    await collector?.close();
  });

  it('a handshake is one trace, from the node’s own span to its ack, through both processes', () => {
    expect(accepted.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
    const ids = new Set([OF_NODE, ...spans.map(({ spanId }) => spanId)]);
    expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''))).toEqual([]);
    const types = ancestry(spans, 'NODE_REGISTRATION_ACKED');
    expect(types.slice(0, 2)).toEqual(['NODE_REGISTRATION_ACKED', 'REGISTRATION_COMPLETED']);
    expect(types.slice(-2)).toEqual(['NODE_REGISTRATION_INITIATED', 'NODE_INTROSPECTION']);
    const serviceOf = (type: string) =>
      spans.find(({ attributes }) => attributes['rollcall.event_type'] === type)?.service;
    expect(serviceOf('NODE_INTROSPECTION')).toBe('first');
    expect(serviceOf('NODE_REGISTRATION_INITIATED')).toBe('second');
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['store steps', 'send', 'consul.register', 'postgres.upsert_registration']),
    );
  });

  it('every step that was decided has its span; what is rubbish has none', () => {
    const steps = collector.spans.filter(({ name }) => name.startsWith('process '));
    expect(steps.every(({ attributes }) => attributes['messaging.system'] === 'kafka')).toBe(true);
    expect(steps.filter(({ attributes }) => String(attributes['rollcall.node_id']).includes('rubbish'))).toEqual([]);
  });

  it('labels of metrics stay closed, whatever comes by Kafka', () => {
    expect(openLabels(samplesOf(metrics))).toEqual([]);
    expect(metrics).not.toMatch(new RegExp(`${NODE}|rubbish`));
    expect(partitionsIn(metrics)).toEqual(new Set(['0', '1', '2', '3', '4', '5']));
  });

  function append({ topic, record }: Said, traceparent: string): Promise<void> {
    return world.append(topic, record.key, record.value, { traceparent });
  }

  /** What the orchestrator in the first process cannot take, and has made dead letters of when this resolves. */
  async function rubbish(): Promise<void> {
    const topic = 'evt.node-introspection.v1';
    await world.append(topic, 'rubbish-1', 'no JSON');
    await world.append(topic, 'rubbish-2', say('another', 'NODE_INTROSPECTION').record.value);
    // Lag is measured every few seconds.
    metrics = await until(
      async () => {
        const text = await (await fetch(`${first.url}/metrics`)).text();
        return lettersIn(text) === 2 && partitionsIn(text).size >= 6 && text;
      },
      { everyMs: 200, what: 'two dead letters, and the lag, in the metrics' },
    );
  }
});

function lettersIn(text: string): number {
  const letters = samplesOf(text).filter(({ series }) => series === 'rollcall_dead_letters_total');
  return letters.reduce((sum, { value }) => sum + value, 0);
}

/** Those whose lag is told. */
function partitionsIn(text: string): ReadonlySet<string | undefined> {
  const lags = samplesOf(text).filter(({ series }) => series === 'rollcall_consumer_lag_records');
  return new Set(lags.map(({ labels }) => labels['partition']));
}

/** Types of messages from one to its root. */
function ancestry(spans: readonly CollectedSpan[], type: string): readonly string[] {
  const types: string[] = [];
  let span = spans.find(({ attributes }) => attributes['rollcall.event_type'] === type);
  while (span !== undefined) {
    types.push(String(span.attributes['rollcall.event_type']));
    const parent = span.parentSpanId;
    span = spans.find(({ spanId }) => spanId === parent);
  }
  return types;
}
