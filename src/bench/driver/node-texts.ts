import { randomUUID } from 'node:crypto';
import { stamped } from '../../client/index.js';
import { descriptionOf, nodeIdOf } from '../../fleet/simulated-node.js';
import { encode } from '../../messages/index.js';
import { Template } from './template.js';

/** Values of messages that nodes send, made by the codec once and then only filled in. */
export type NodeTexts = {
  /** About 1,000 bytes, 600 of them payload. */
  introspection(nodeId: string, correlationId: string): string;
  ack(nodeId: string, attemptId: string, correlationId: string, causationId: string): string;
  heartbeat(nodeId: string): string;
};

export function createNodeTexts(): NodeTexts {
  // As long as the real ones.
  const nodeId = nodeIdOf('sample', 0);
  const [correlationId, causationId, attemptId] = [randomUUID(), randomUUID(), randomUUID()];
  const description = descriptionOf(nodeId, 0, Date.now());
  const introspection = stamped(nodeId, {
    eventType: 'NODE_INTROSPECTION',
    correlationId,
    causationId: null,
    payload: description,
  });
  const ack = stamped(nodeId, {
    eventType: 'NODE_REGISTRATION_ACKED',
    correlationId,
    causationId,
    payload: { nodeId, attemptId },
  });
  const heartbeat = stamped(nodeId, {
    eventType: 'NODE_HEARTBEAT',
    correlationId,
    causationId: null,
    payload: { nodeId, uptimeSeconds: 3600, activeOperationsCount: 4, memoryUsageMb: 312.5, cpuUsagePercent: 12.5 },
  });
  const introspections = new Template(encode(introspection), [nodeId, introspection.eventId, introspection.eventTimestamp, correlationId]); // prettier-ignore
  const acks = new Template(encode(ack), [nodeId, ack.eventId, ack.eventTimestamp, correlationId, causationId, attemptId]); // prettier-ignore
  const heartbeats = new Template(encode(heartbeat), [nodeId, heartbeat.eventId, heartbeat.eventTimestamp, correlationId]); // prettier-ignore
  const now = (): string => new Date().toISOString();
  return {
    introspection: (id, correlation) => introspections.fill([id, randomUUID(), now(), correlation]),
    ack: (id, attempt, correlation, cause) => acks.fill([id, randomUUID(), now(), correlation, cause, attempt]),
    heartbeat: (id) => heartbeats.fill([id, randomUUID(), now(), randomUUID()]),
  };
}
