/**
 * What spans say, in the names of OpenTelemetry's semantic conventions where they have one, else under `rollcall.`. Spans may
 * name nodes, which metrics may not. None holds what a node put into its record, or a secret.
 */
import type { Attributes } from '@opentelemetry/api';
import type { Message, TopicSuffix } from '../../messages/index.js';

/** Where a message stands in the log; no more than the topic of one that is taken before it stands there. */
export type Place = { readonly topic: TopicSuffix; readonly partition?: number; readonly offset?: string };

/** What the log is. */
export type MessagingSystem = { readonly name: string; readonly topicName: (topic: TopicSuffix) => string };

export function messageAttributes(
  { name, topicName }: MessagingSystem,
  component: string,
  message: Message,
  { topic, partition, offset }: Place,
): Attributes {
  const { eventId, eventType, correlationId, causationId, payload } = message;
  return {
    'messaging.system': name,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topicName(topic),
    'messaging.message.id': eventId,
    'messaging.message.conversation_id': correlationId,
    ...(partition === undefined ? {} : { 'messaging.destination.partition.id': String(partition) }),
    ...(offset === undefined ? {} : { 'messaging.kafka.offset': Number(offset) }),
    'rollcall.component': component,
    'rollcall.node_id': payload.nodeId ?? '',
    'rollcall.event_type': eventType,
    ...(causationId === null ? {} : { 'rollcall.causation_id': causationId }),
  };
}

/** Of one write to the state database. */
export function storeAttributes(messages: number): Attributes {
  return {
    'db.system.name': 'postgresql',
    'db.operation.name': 'store_steps',
    'db.operation.batch.size': messages,
  };
}

/** Of one publish to the log. */
export function sendAttributes({ name }: MessagingSystem, records: number): Attributes {
  return {
    'messaging.system': name,
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.batch.message_count': records,
  };
}

/** Of one batch that goes to a backend. */
export function backendAttributes(backend: 'consul' | 'postgres', operation: string, intents: number): Attributes {
  const named = backend === 'postgres' ? { 'db.system.name': 'postgresql' } : { 'peer.service': 'consul' };
  return {
    ...named,
    'db.operation.name': operation,
    'db.operation.batch.size': intents,
    'rollcall.backend': backend,
  };
}
