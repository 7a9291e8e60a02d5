import { randomUUID } from 'node:crypto';
import type { Message } from '../messages/index.js';
import type { NodeMessageType, Saying } from './node-protocol.js';

/** Gives what a node says its id and its time. Send the result again, not a second stamp, where it has to be repeated. */
export function stamped(nodeId: string, saying: Saying): Message<NodeMessageType> {
  return {
    eventId: randomUUID(),
    eventTimestamp: new Date().toISOString(),
    sourceNodeId: nodeId,
    ...saying,
  };
}
