import type { TopicSuffix } from '../../messages/index.js';

/**
 * The topics whose events are told to whoever follows the fleet: those that nodes and subscribers read (`ACTIVITY_TOPICS`). In the order
 * in which one step speaks: two records of the same millisecond are told in this order. A topic's place here stands in cursors that
 * are out there: add new ones at the end.
 */
export const EVENT_TOPICS = [
  'evt.node-registration-rejected.v1',
  'evt.node-registration-ack-timed-out.v1',
  'evt.node-liveness-expired.v1',
  'evt.node-registration-initiated.v1',
  'evt.node-deregistration-initiated.v1',
  'evt.registry-request-introspection.v1',
  'evt.node-registration-accepted.v1',
  'evt.node-registration-ack-received.v1',
  'evt.node-became-active.v1',
  'evt.node-registration-updated.v1',
  'evt.node-registration-update-failed.v1',
  'evt.node-registration-converged.v1',
  'evt.node-deregistered.v1',
  'evt.registry-expiry.v1',
] as const satisfies readonly TopicSuffix[];

const ranks = new Map<TopicSuffix, number>(EVENT_TOPICS.map((topic, rank) => [topic, rank]));

/** The place of a topic in {@link EVENT_TOPICS}; behind all of them for any other. */
export function rankOf(topic: TopicSuffix): number {
  return ranks.get(topic) ?? EVENT_TOPICS.length;
}
