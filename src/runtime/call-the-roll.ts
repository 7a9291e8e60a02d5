import { randomUUID } from 'node:crypto';
import { encode, errorText, headersOf, topicOf, type Message } from '../messages/index.js';
import { backoffMs, pause } from './backoff.js';
import type { Publish } from './lanes/lane.js';
import type { Log } from './log.js';

/**
 * Asks every node to introduce itself, as soon as the log takes messages: whatever the registry has missed while it was away
 * comes up.
 */
export async function callTheRoll(
  { registryId, publish, log }: { readonly registryId: string; readonly publish: Publish; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const eventId = randomUUID();
  const message: Message<'REGISTRY_REQUEST_INTROSPECTION'> = {
    eventId,
    eventType: 'REGISTRY_REQUEST_INTROSPECTION',
    eventTimestamp: new Date().toISOString(),
    sourceNodeId: registryId,
    correlationId: eventId,
    causationId: null,
    payload: { nodeId: registryId, targetNodeId: undefined },
  };
  const record = {
    topic: topicOf(message.eventType),
    key: registryId,
    value: encode(message),
    headers: headersOf(message),
  };
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await publish([record]);
      log.info('asked all nodes to introduce themselves');
      return;
    } catch (error) {
      log.debug({ error: errorText(error) }, 'the nodes are asked as soon as the log takes messages');
      await pause(backoffMs(attempt), signal);
    }
  }
}
