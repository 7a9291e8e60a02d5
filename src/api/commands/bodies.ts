import { z } from 'zod';
import { NODE_TYPES, PAYLOADS, type PayloadOf } from '../../messages/index.js';
import { camelSchema } from '../http/camel-schema.js';

/**
 * Bodies of commands: the payloads of the messages themselves, in camelCase, unknown fields refused. What passes here can be
 * read by the orchestrator.
 */
export const registerNodeBody: z.ZodType<PayloadOf<'REGISTER_NODE'>> = camelSchema({
  ...PAYLOADS.REGISTER_NODE.shape,
  // No type, or one that does not exist, can be admitted nowhere: that is said here, and not by an operation that fails.
  node_type: z.enum(NODE_TYPES, { error: `must be one of ${NODE_TYPES.join(', ')}` }),
});

export const deregisterNodeBody = camelSchema({ reason: PAYLOADS.DEREGISTER_NODE.shape.reason });

export const requestIntrospectionBody = camelSchema({
  target_node_id: PAYLOADS.REGISTRY_REQUEST_INTROSPECTION.shape.target_node_id,
});
