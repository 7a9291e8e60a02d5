import { describe, expect, it } from '@jest/globals';
import { ACTIVITY_TOPICS, TOPICS, type Party } from '../../src/messages/index.js';

describe('topics that tell of nodes', () => {
  it('are those that nodes and subscribers read', () => {
    expect(ACTIVITY_TOPICS).toEqual([
      'evt.registry-request-introspection.v1',
      'evt.node-registration-initiated.v1',
      'evt.node-deregistration-initiated.v1',
      'evt.node-registration-accepted.v1',
      'evt.node-registration-rejected.v1',
      'evt.node-registration-ack-received.v1',
      'evt.node-registration-ack-timed-out.v1',
      'evt.node-became-active.v1',
      'evt.node-registration-updated.v1',
      'evt.node-registration-update-failed.v1',
      'evt.node-registration-converged.v1',
      'evt.node-liveness-expired.v1',
      'evt.node-deregistered.v1',
      'evt.registry-expiry.v1',
    ]);
  });

  it('are written by the registry alone, so that nobody else is heard', () => {
    const producers = new Set(ACTIVITY_TOPICS.flatMap((topic): readonly Party[] => TOPICS[topic].producers));
    expect([...producers].sort()).toEqual(['api', 'orchestrator', 'runtime']);
  });
});
