import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { topicOf, type MessageType, type TopicSuffix } from '../../src/messages/index.js';

/** What a node or an operator says, ready to be appended. */
export type Said = {
  readonly topic: TopicSuffix;
  readonly eventId: string;
  readonly correlationId: string;
  readonly record: Message & { readonly key: string; readonly value: string };
};

type Spoken = Exclude<MessageType, 'DEADLINE_PASSED'>;
type Fields = Readonly<Record<string, unknown>>;

/** A message of its own workflow, unless the envelope's fields say otherwise. */
export function say(nodeId: string, eventType: Spoken, payload: Fields = {}, envelope: Fields = {}): Said {
  const root = { event_id: randomUUID(), correlation_id: randomUUID() };
  const whole = {
    envelope_version: '1.0',
    ...root,
    event_type: eventType,
    event_timestamp: new Date().toISOString(),
    source_node_id: nodeId,
    causation_id: null,
    payload: { node_id: nodeId, ...payload },
    ...envelope,
  };
  return {
    topic: topicOf(eventType),
    eventId: whole.event_id,
    correlationId: whole.correlation_id,
    record: { key: nodeId, value: JSON.stringify(whole) },
  };
}
