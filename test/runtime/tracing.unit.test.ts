import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { LaneUnavailable } from '../../src/runtime/lanes/lane.js';
import { acked, id, introspection, NODE } from '../support/builders.js';
import { TracedWorld } from '../support/traced-world.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const ROOT = 'b7ad6b7169203331';
const OF_NODE = { traceparent: `00-${TRACE}-${ROOT}-01`, tracestate: 'vendor=of-the-node' };

/** A message of another node, in a trace of its own. */
const OTHER = introspection(2, { nodeId: 'node-2' });

function eventType(span: ReadableSpan): string {
  return String(span.attributes['rollcall.event_type']);
}

/** `MESSAGE < MESSAGE of its parent`, of all spans of messages; both backends are alike. */
function family(spans: readonly ReadableSpan[]): readonly string[] {
  const messages = spans.filter(({ name }) => name.startsWith('process '));
  const alike = (type: string): string =>
    type.replace(/^(CONSUL|POSTGRES)_INTENT$/, 'an intent').replace(/^(CONSUL|POSTGRES)_REGIST\w+$/, 'its result');
  return messages
    .map((span) => {
      const parent = messages.find((one) => one.spanContext().spanId === span.parentSpanContext?.spanId);
      return `${alike(eventType(span))} < ${parent === undefined ? span.parentSpanContext?.spanId : alike(eventType(parent))}`;
    })
    .sort();
}

function work(spans: readonly ReadableSpan[], name: string): readonly ReadableSpan[] {
  return spans.filter((span) => span.name === name);
}

/** Introduces itself, and acknowledges in the trace of its *accepted*. */
async function handshake(world: TracedWorld): Promise<void> {
  await world.say([introspection(1)], OF_NODE);
  const { traceparent, tracestate } = world.newest('evt.node-registration-accepted.v1').headers;
  await world.say([acked(3, 1)], { traceparent: String(traceparent), tracestate: String(tracestate) });
}

describe.each([
  ['through the log', false],
  ['handed over in the process', true],
])('a handshake, %s', (_how, readsHere) => {
  let world: TracedWorld;

  beforeEach(async () => {
    world = new TracedWorld({ readsHere });
    await handshake(world);
  });

  it('is one trace, in which each message is the child of what caused it', () => {
    expect(new Set(world.spans.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
    expect(family(world.spans)).toEqual(
      [
        `NODE_INTROSPECTION < ${ROOT}`,
        'NODE_REGISTRATION_INITIATED < NODE_INTROSPECTION',
        'an intent < NODE_REGISTRATION_INITIATED',
        'an intent < NODE_REGISTRATION_INITIATED',
        'its result < an intent',
        'its result < an intent',
        'REGISTRATION_PARTIAL < its result',
        'REGISTRATION_COMPLETED < its result',
        'NODE_REGISTRATION_ACKED < REGISTRATION_COMPLETED',
        'NODE_BECAME_ACTIVE < NODE_REGISTRATION_ACKED',
        'an intent < NODE_BECAME_ACTIVE',
        'an intent < NODE_BECAME_ACTIVE',
        'its result < an intent',
        'its result < an intent',
      ].sort(),
    );
  });

  it('has the work that was done for its messages', () => {
    const ids = new Set(world.spans.map((span) => span.spanContext().spanId));
    for (const name of ['store steps', 'send', 'consul.register', 'postgres.upsert_registration']) {
      const spans = work(world.spans, name);
      expect([name, spans.length > 0]).toEqual([name, true]);
      expect(spans.filter(({ parentSpanContext: parent }) => !ids.has(parent?.spanId ?? ''))).toEqual([]);
    }
    expect(work(world.spans, 'consul.register')).toHaveLength(2);
    expect(work(world.spans, 'postgres.upsert_registration')).toHaveLength(2);
  });

  it('passes the state of the vendor on, to the node as well', () => {
    expect(new Set(world.spans.map((span) => span.spanContext().traceState?.serialize()))).toEqual(
      new Set([OF_NODE.tracestate]),
    );
    const { headers } = world.newest('evt.node-became-active.v1');
    const ack = world.spans.find((span) => eventType(span) === 'NODE_REGISTRATION_ACKED');
    expect(headers).toMatchObject({
      traceparent: `00-${TRACE}-${ack?.spanContext().spanId}-01`,
      tracestate: OF_NODE.tracestate,
    });
  });

  it('puts the same messages into the log as one that is not traced', async () => {
    const untraced = new TracedWorld({ readsHere, traced: false });
    await handshake(untraced);
    const texts = (of: TracedWorld) =>
      of.log.records.map(({ topic, value }) => `${topic} ${String(value).replace(/"duration_ms":[\d.]+/, '')}`).sort();
    expect(texts(world)).toEqual(texts(untraced));
    expect(untraced.spans).toEqual([]);
  });

  it('can be found from each line of the log, and each line from it', () => {
    const lines = world.lines.filter(({ msg }) => msg === 'step' || msg === 'effect');
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['step', 'effect']));
    const ofSpans = new Map(world.spans.map((span) => [span.spanContext().spanId, span]));
    for (const { nodeId, eventId, correlationId, trace_id: traceId, span_id: spanId } of lines) {
      expect({ nodeId, traceId }).toEqual({ nodeId: NODE, traceId: TRACE });
      expect(correlationId).toEqual(expect.any(String));
      expect(ofSpans.get(String(spanId))?.attributes['messaging.message.id']).toBe(eventId);
    }
  });
});

describe('spans', () => {
  let world: TracedWorld;

  beforeEach(() => {
    world = new TracedWorld();
  });
  afterEach(() => {
    // What has not ended is never sent.
    expect(world.spans.every(({ ended }) => ended)).toBe(true);
  });

  it('say what a step was about, and what became of it', async () => {
    await world.say([introspection(1)], OF_NODE);
    const step = world.spans.find((span) => eventType(span) === 'NODE_INTROSPECTION');
    expect(step?.name).toBe('process dev.onex.evt.node-introspection.v1');
    expect(step?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'dev.onex.evt.node-introspection.v1',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
      'messaging.message.id': id(1),
      'messaging.message.conversation_id': introspection(1).correlationId,
      'rollcall.component': 'orchestrator',
      'rollcall.node_id': NODE,
      'rollcall.event_type': 'NODE_INTROSPECTION',
      'rollcall.rule': 'begin_attempt',
      'rollcall.from': 'none',
      'rollcall.to': 'pending_registration',
      'rollcall.outputs': ['NODE_REGISTRATION_INITIATED'],
    });
  });

  it('tell why a message changed nothing', async () => {
    await world.say([acked(1, 9)]);
    const [span] = world.spans.filter(({ name }) => name.startsWith('process'));
    expect(span?.attributes).toMatchObject({ 'rollcall.ignored': 'unknown_node' });
  });

  it('of work for several messages belong to the first, and are linked to the others', async () => {
    await world.say([introspection(1), OTHER]);
    const [first, second] = world.spans.filter((span) => eventType(span) === 'NODE_INTROSPECTION');
    expect(first?.spanContext().traceId).not.toBe(second?.spanContext().traceId);
    const [store] = work(world.spans, 'store steps');
    expect(store?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
    expect(store?.links.map(({ context }) => context)).toEqual([second?.spanContext()]);
    expect(store?.attributes['db.operation.batch.size']).toBe(2);
  });

  it('have no parent where the header is none that can be read', async () => {
    await world.say([introspection(1)], { traceparent: '00-trace-01', tracestate: 'a=b' });
    const step = world.spans.find((span) => eventType(span) === 'NODE_INTROSPECTION');
    expect(step?.parentSpanContext).toBeUndefined();
    expect(step?.spanContext().traceState).toBeUndefined();
  });

  it('of a message that comes again are others, of the same trace; what follows is the same', async () => {
    await world.say([introspection(1)], OF_NODE);
    const [record] = world.log.read('evt.node-introspection.v1');
    const [before] = world.log.read('evt.node-registration-initiated.v1');
    await world.again(record!);
    const [first, again] = world.spans.filter((span) => eventType(span) === 'NODE_INTROSPECTION');
    expect(again?.attributes['rollcall.repeated']).toBe(true);
    expect(again?.spanContext().traceId).toBe(first?.spanContext().traceId);
    expect(again?.spanContext().spanId).not.toBe(first?.spanContext().spanId);
    const [, after] = world.log.read('evt.node-registration-initiated.v1');
    expect(String(after?.value)).toBe(String(before?.value));
    expect(after?.headers['traceparent']).toBe(`00-${TRACE}-${again?.spanContext().spanId}-01`);
  });

  it('of what could not be published have failed, and ended', async () => {
    world.log.outage = new Error('no broker; password=s3cret');
    await expect(world.say([introspection(1)], OF_NODE)).rejects.toBeInstanceOf(LaneUnavailable);
    const step = world.spans.find((span) => eventType(span) === 'NODE_INTROSPECTION');
    expect(step?.status).toEqual({ code: SpanStatusCode.ERROR, message: expect.stringContaining('no broker') });
    expect(JSON.stringify(world.spans.map(({ status }) => status))).not.toContain('s3cret');
  });

  it('of a record that a backend refuses say so', async () => {
    world = new TracedWorld({ outcome: { ok: false, errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'too long' } });
    await world.say([introspection(1)], OF_NODE);
    const intent = world.spans.find((span) => eventType(span) === 'CONSUL_INTENT');
    expect(intent?.attributes['rollcall.outcome']).toBe('CONSUL_VALIDATION_ERROR');
    expect(intent?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too long' });
    const [line] = world.lines.filter(({ msg }) => msg === 'the backend refuses the record for good');
    expect(line).toMatchObject({ nodeId: NODE, eventId: intent?.attributes['messaging.message.id'], trace_id: TRACE });
  });
});

describe('what is not recorded', () => {
  it('is passed on as not recorded, under the same trace', async () => {
    const world = new TracedWorld();
    await world.say([introspection(1)], { traceparent: `00-${TRACE}-${ROOT}-00` });
    expect(world.spans).toEqual([]);
    const { traceparent } = world.newest('evt.node-registration-accepted.v1').headers;
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(traceparent).not.toContain(ROOT);
  });

  it('is not sampled by one that never does', async () => {
    const world = new TracedWorld({ sampler: 'always_off' });
    await world.say([introspection(1)], OF_NODE);
    expect(world.spans).toEqual([]);
  });

  it('passes the headers on as they came where nothing is traced', async () => {
    const world = new TracedWorld({ traced: false });
    await world.say([introspection(1)], OF_NODE);
    expect(world.newest('evt.node-registration-accepted.v1').headers).toMatchObject(OF_NODE);
    expect(world.lines.filter((line) => 'trace_id' in line)).toEqual([]);
  });
});

it('a registration is measured by the append times of its messages', async () => {
  const world = new TracedWorld({ traced: false });
  await handshake(world);
  const text = await world.registry.getSingleMetricAsString('rollcall_registration_duration_seconds');
  const appendedAt = (topic: Parameters<TracedWorld['newest']>[0]) => world.newest(topic).appendedAt;
  const begun = appendedAt('evt.node-introspection.v1');
  // The log of the test takes a message each millisecond.
  const active = (appendedAt('cmd.node-registration-acked.v1') - begun) / 1000;
  expect(text).toContain(`rollcall_registration_duration_seconds_sum{until="active"} ${active}`);
  expect(text).toContain('rollcall_registration_duration_seconds_count{until="accepted"} 1');
  const steps = await world.registry.getSingleMetricAsString('rollcall_steps_total');
  expect(steps).toContain('{machine="orchestrator",message="NODE_REGISTRATION_ACKED",rule="acknowledge"} 1');
});
