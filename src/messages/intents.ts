import { z } from 'zod';
import { BACKENDS, count, NODE_TYPES, nodeId, uuid } from './fields.js';
import { registrationRecord } from './record.js';

/** An intent asks for a state, not for a change: it carries the full record, so a lost or repeated one does no harm. */
const desired = {
  node_id: nodeId,
  attempt_id: uuid.describe('`event_id` of the introspection or command that began the attempt'),
  revision: count.describe('Of what is desired; an older one stays behind a newer one'),
};

const consulRegister = z.object({
  intent_type: z.literal('consul.register'),
  ...desired,
  health: z.enum(['critical', 'passing']).describe('What the check is to say'),
  only_health: z
    .boolean()
    .describe('Consul is known to hold the revision before and only health changed: writing the check is enough'),
  other_node_types: z
    .array(z.enum(NODE_TYPES))
    .describe("Types other than the record's under which Consul may still hold the node; those services go with it"),
  record: registrationRecord.describe('What Consul is to hold'),
});

const consulDeregister = z.object({
  intent_type: z.literal('consul.deregister'),
  ...desired,
  node_types: z.array(z.enum(NODE_TYPES)).describe('Every type under which Consul may hold the node'),
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
  state: z.enum(['registered', 'active']).describe('`active` once the node has acknowledged'),
  record: registrationRecord.describe('What PostgreSQL is to hold'),
});

const postgresDeactivate = z.object({ intent_type: z.literal('postgres.deactivate_registration'), ...desired });

function extension<T extends z.ZodType>(payload: T) {
  const target = z.string().describe('What it is about: consul://service/… or postgres://node_registrations/…');
  return z.object({ intent_type: z.literal('extension'), target, payload });
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
  backend: z.enum(BACKENDS).describe('Who answers'),
  operation: z.enum(OPERATIONS).describe('What it was asked for'),
  revision: count.describe('Of the intent'),
  attempt_id: uuid.describe('Of the intent'),
  duration_ms: z.number().nonnegative().describe('Milliseconds that the batch took'),
});

export const effectFailure = effectResult.extend({
  error_code: z.string().describe('Such as CONSUL_VALIDATION_ERROR'),
  error_message: z.string().describe('In words, without secrets'),
});

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
