import type { TopicSuffix } from './topics.js';

const DAY_MS = 24 * 3600 * 1000;

/** Events are kept so long; who reads them comes by more often. */
export const RETENTION_MS = 7 * DAY_MS;

/** A batch for one partition may be as large as this; the publisher keeps below half of it. */
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;

/** Tells where each node is, not what happens: its newest record of a key is kept for as long as there is a registry. */
export const SNAPSHOT_TOPIC = 'snapshot.node-registrations.v1' as const satisfies TopicSuffix;

export function isCompacted(topic: TopicSuffix): boolean {
  return topic === SNAPSHOT_TOPIC;
}

/** How the broker is to keep a topic, in Kafka's own words. A tombstone stays as long as an event, for readers that were away. */
export function topicSettings(topic: TopicSuffix): Readonly<Record<string, string>> {
  const common = { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': String(MAX_BATCH_BYTES) };
  if (!isCompacted(topic)) {
    return { ...common, 'cleanup.policy': 'delete', 'retention.ms': String(RETENTION_MS) };
  }
  return {
    ...common,
    'cleanup.policy': 'compact',
    'delete.retention.ms': String(RETENTION_MS),
    // Only closed segments are compacted.
    'segment.ms': String(DAY_MS),
  };
}
