import { z } from 'zod';
import { PAYLOADS, type PayloadOf } from '../../messages/index.js';
import { camelSchema } from '../http/camel-schema.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';

/** What a node can say over HTTP, by the last part of the path. */
export const SAYINGS = {
  introspection: 'NODE_INTROSPECTION',
  ack: 'NODE_REGISTRATION_ACKED',
  heartbeat: 'NODE_HEARTBEAT',
} as const;
export type SaidType = (typeof SAYINGS)[keyof typeof SAYINGS];

/** The path names the node; a body may repeat it, and then it has to be the same. */
const repeated = z.string().nullish();

/** Bodies: the payload of the message in camelCase, unknown fields refused. */
export const BODIES = {
  NODE_INTROSPECTION: camelSchema({ ...PAYLOADS.NODE_INTROSPECTION.shape, node_id: repeated }),
  NODE_REGISTRATION_ACKED: camelSchema({ ...PAYLOADS.NODE_REGISTRATION_ACKED.shape, node_id: repeated }),
  NODE_HEARTBEAT: camelSchema({ ...PAYLOADS.NODE_HEARTBEAT.shape, node_id: repeated }),
} as const;

/** The payload of what a node says. Throws a `validation` problem that names every wrong field. */
export function payloadOf<T extends SaidType>(eventType: T, nodeId: string, body: unknown): PayloadOf<T> {
  const { nodeId: again, ...fields } = validated(BODIES[eventType], bodyOf(eventType, body), 'body');
  if (again != null && again !== nodeId) {
    throw new Problem('validation', 'nodeId (body) is not valid', [
      { in: 'body', field: 'nodeId', message: `must be the node of the path (${nodeId}), or be left out` },
    ]);
  }
  return { nodeId, ...fields } as PayloadOf<T>;
}

/** An ack and a heartbeat may have nothing to tell but that they are there. */
function bodyOf(eventType: SaidType, body: unknown): unknown {
  return eventType !== 'NODE_INTROSPECTION' && body === undefined ? {} : body;
}
