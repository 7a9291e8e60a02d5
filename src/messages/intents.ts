import { z } from 'zod';
import { BACKENDS, count, NODE_TYPES, nodeId, uuid } from './fields.js';
import { registrationRecord } from './record.js';

/** An intent asks for a state, not for a change: it carries the full record, so a lost or repeated one does no harm. */
const desired = { node_id: nodeId, attempt_id: uuid, revision: count };

const consulRegister = z.object({
  intent_type: z.literal('consul.register'),
  ...desired,
  health: z.enum(['critical', 'passing']),
  /** Consul is known to hold the revision before and only health changed: writing the check is enough. */
  only_health: z.boolean(),
  /** Types other than the record's under which Consul may still hold the node: those services go in the same transaction. */
  other_node_types: z.array(z.enum(NODE_TYPES)),
  record: registrationRecord,
});

const consulDeregister = z.object({
  intent_type: z.literal('consul.deregister'),
  ...desired,
  /** Every type under which Consul may hold the node. */
  node_types: z.array(z.enum(NODE_TYPES)),
});

/** One entry of Consul that is ours by its owner, and that nobody desires. The node's other entries stay. */
const consulRemoveService = z.object({
  intent_type: z.literal('consul.remove_service'),
  ...desired,
  consul_node: z.string(),
  service_id: z.string(),
  service_name: z.string(),
});

const postgresUpsert = z.object({
  intent_type: z.literal('postgres.upsert_registration'),
  ...desired,
  state: z.enum(['registered', 'active']),
  record: registrationRecord,
});

const postgresDeactivate = z.object({ intent_type: z.literal('postgres.deactivate_registration'), ...desired });

function extension<T extends z.ZodType>(payload: T) {
  return z.object({ intent_type: z.literal('extension'), target: z.string(), payload });
}

export const consulIntent = z.object({
  node_id: nodeId,
  intent: extension(z.discriminatedUnion('intent_type', [consulRegister, consulDeregister, consulRemoveService])),
});

export const postgresIntent = z.object({
  node_id: nodeId,
  intent: extension(z.discriminatedUnion('intent_type', [postgresUpsert, postgresDeactivate])),
});

export const OPERATIONS = [
  'consul.register',
  'consul.deregister',
  'consul.remove_service',
  'postgres.upsert_registration',
  'postgres.deactivate_registration',
] as const;

/** Effect to reducer: what happened. Repeats with the same id and timestamp; only `duration_ms` may differ. */
export const effectResult = z.object({
  node_id: nodeId,
  backend: z.enum(BACKENDS),
  operation: z.enum(OPERATIONS),
  revision: count,
  attempt_id: uuid,
  duration_ms: z.number().nonnegative(),
});

export const effectFailure = effectResult.extend({ error_code: z.string(), error_message: z.string() });

function confirmationOf<const B extends 'consul' | 'postgres', const O extends (typeof OPERATIONS)[number]>(
  backend: B,
  operation: O,
) {
  return effectResult.extend({ backend: z.literal(backend), operation: z.literal(operation) });
}

export const consulRegistered = confirmationOf('consul', 'consul.register');
export const consulDeregistered = confirmationOf('consul', 'consul.deregister');
export const consulServiceRemoved = confirmationOf('consul', 'consul.remove_service');
export const postgresUpserted = confirmationOf('postgres', 'postgres.upsert_registration');
export const postgresDeactivated = confirmationOf('postgres', 'postgres.deactivate_registration');
