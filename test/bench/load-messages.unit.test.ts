import { describe, expect, it } from '@jest/globals';
import { NodeMessages } from '../../src/bench/load/node-messages.js';
import { syntheticNodeOf } from '../../src/bench/load/fixture/clone-services.js';
import { decode, TopicNames } from '../../src/messages/index.js';
import type { Outgoing } from '../../src/client/kafka/sender.js';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';

const PREFIX = 'bench.messages';
const CORRELATION = '6f1f8a52-63b1-4a39-9a0a-0d6f6a4f7c11';
const names = new TopicNames(PREFIX);

function decoded({ topic, message: { key, value } }: Outgoing) {
  const result = decode(names.suffix(topic), { key: String(key), value: Buffer.from(value) });
  if (!result.ok) throw new Error(result.reason);
  return result.message;
}

describe('messages of the load', () => {
  const messages = new NodeMessages(PREFIX);

  it('are introspections of the node, with its incarnation and correlation id', () => {
    const message = decoded(messages.introspection('bench-000042', CORRELATION, 1_763_700_000_123));
    expect(message).toMatchObject({
      eventType: 'NODE_INTROSPECTION',
      correlationId: CORRELATION,
      causationId: null,
      sourceNodeId: 'bench-000042',
      payload: { nodeId: 'bench-000042', nodeType: 'effect', incarnation: 1_763_700_000_123, reason: 'startup' },
    });
    expect(decoded(messages.introspection('bench-000042', CORRELATION, 1)).eventId).not.toBe(message.eventId);
  });

  it('are acks of what was accepted', () => {
    const attemptId = '0b9a1a1e-6a9a-4a57-8d0f-6a3f0a9a1c22';
    const eventId = '9d0c7a3e-41c5-4c57-9a3e-2b7d7b6b0c33';
    const accepted = Buffer.from(
      JSON.stringify({ event_id: eventId, correlation_id: CORRELATION, payload: { attempt_id: attemptId } }),
    );
    expect(decoded(messages.ack('bench-000042', accepted))).toMatchObject({
      eventType: 'NODE_REGISTRATION_ACKED',
      correlationId: CORRELATION,
      causationId: eventId,
      payload: { nodeId: 'bench-000042', attemptId },
    });
  });

  it('are heartbeats', () => {
    expect(decoded(messages.heartbeat('bench-000042'))).toMatchObject({
      eventType: 'NODE_HEARTBEAT',
      payload: { nodeId: 'bench-000042' },
    });
  });
});

it('clones services to where the registry would write them', () => {
  for (const nodeId of ['fleet-000001', 'fleet-099999']) {
    expect(syntheticNodeOf('registry', nodeId)).toBe(consulNames('registry', nodeId).node);
  }
});
