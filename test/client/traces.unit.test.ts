import { expect, it } from '@jest/globals';
import { Traces } from '../../src/client/kafka/traces.js';
import type { Message } from '../../src/messages/index.js';

const TRACE = { traceparent: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01') };

function message(eventType: string, nodeId: string, attemptId: string): Message {
  return { eventType, payload: { nodeId, attemptId } } as unknown as Message;
}
const accepted = (nodeId: string, attemptId = 'a') => message('NODE_REGISTRATION_ACCEPTED', nodeId, attemptId);
const acked = (nodeId: string, attemptId = 'a') => message('NODE_REGISTRATION_ACKED', nodeId, attemptId);

it('an ack has the trace of the accepted that it answers, once', () => {
  const traces = new Traces();
  traces.heard(accepted('one'), { ...TRACE, tracestate: Buffer.from('vendor=x') });
  traces.heard(accepted('other'), TRACE);
  expect(traces.of(acked('one'))).toEqual({ traceparent: String(TRACE.traceparent), tracestate: 'vendor=x' });
  expect(traces.of(acked('other'))).toEqual({ traceparent: String(TRACE.traceparent) });
  expect(traces.of(acked('one'))).toEqual({});
});

it('an ack of another attempt, and everything else, has none', () => {
  const traces = new Traces();
  traces.heard(accepted('one', 'a'), TRACE);
  expect(traces.of(acked('one', 'b'))).toEqual({});
  expect(traces.of(message('NODE_HEARTBEAT', 'one', 'a'))).toEqual({});
  expect(traces.of(acked('stranger'))).toEqual({});
  traces.heard(message('NODE_BECAME_ACTIVE', 'stranger', 'a'), TRACE);
  expect(traces.of(acked('stranger'))).toEqual({});
});

it('without a trace of the registry there is none', () => {
  const traces = new Traces();
  traces.heard(accepted('one'), {});
  traces.heard(accepted('one'), undefined);
  expect(traces.of(acked('one'))).toEqual({});
});
