import type { z } from 'zod';
import type { Camel } from './case.js';
import * as commands from './commands.js';
import { deadLetter } from './dead-letter.js';
import * as intents from './intents.js';
import type { proposedRecord, registrationRecord } from './record.js';
import * as node from './node-messages.js';
import * as registry from './registry-events.js';
import { nodeRegistrationSnapshot } from './snapshots.js';
import * as workflow from './workflow-events.js';

/** Every message type of the product with the schema of its payload (wire names). A new message begins here and in topics.ts. */
export const PAYLOADS = {
  NODE_INTROSPECTION: node.nodeIntrospection,
  NODE_REGISTRATION_ACKED: node.nodeRegistrationAcked,
  NODE_HEARTBEAT: node.nodeHeartbeat,
  REGISTER_NODE: commands.registerNode,
  DEREGISTER_NODE: commands.deregisterNode,
  DEADLINE_PASSED: commands.deadlinePassed,
  REGISTRY_REQUEST_INTROSPECTION: commands.registryRequestIntrospection,
  NODE_REGISTRATION_INITIATED: workflow.nodeRegistrationInitiated,
  NODE_DEREGISTRATION_INITIATED: workflow.nodeDeregistrationInitiated,
  CONSUL_INTENT: intents.consulIntent,
  POSTGRES_INTENT: intents.postgresIntent,
  CONSUL_REGISTERED: intents.consulRegistered,
  CONSUL_DEREGISTERED: intents.consulDeregistered,
  CONSUL_SERVICE_REMOVED: intents.consulServiceRemoved,
  POSTGRES_REGISTRATION_UPSERTED: intents.postgresUpserted,
  POSTGRES_REGISTRATION_DEACTIVATED: intents.postgresDeactivated,
  REGISTRY_EFFECT_FAILED: intents.effectFailure,
  REGISTRATION_PARTIAL: workflow.registrationProgress,
  REGISTRATION_COMPLETED: workflow.registrationProgress,
  REGISTRATION_FAILED: workflow.registrationProgress,
  NODE_REGISTRATION_ACCEPTED: workflow.nodeRegistrationAccepted,
  NODE_REGISTRATION_REJECTED: workflow.nodeRegistrationRejected,
  NODE_REGISTRATION_ACK_RECEIVED: workflow.nodeRegistrationAckReceived,
  NODE_REGISTRATION_ACK_TIMED_OUT: workflow.nodeRegistrationAckTimedOut,
  NODE_BECAME_ACTIVE: workflow.nodeBecameActive,
  NODE_REGISTRATION_UPDATED: workflow.nodeRegistrationUpdated,
  NODE_REGISTRATION_UPDATE_FAILED: workflow.nodeRegistrationUpdateFailed,
  NODE_REGISTRATION_CONVERGED: workflow.nodeRegistrationConverged,
  NODE_LIVENESS_EXPIRED: workflow.nodeLivenessExpired,
  NODE_DEREGISTERED: workflow.nodeDeregistered,
  REGISTRY_EXPIRY_HELD: registry.expiryProtection,
  REGISTRY_EXPIRY_RESUMED: registry.expiryProtection,
  REGISTRY_DRIFT_DETECTED: registry.driftDetected,
  NODE_REGISTRATION_SNAPSHOT: nodeRegistrationSnapshot,
  DEAD_LETTER: deadLetter,
} as const satisfies Record<string, z.ZodType>;

export type MessageType = keyof typeof PAYLOADS;

export const MESSAGE_TYPES = Object.keys(PAYLOADS) as readonly MessageType[];

export function isMessageType(name: string): name is MessageType {
  return Object.hasOwn(PAYLOADS, name);
}

/** The inside form of a payload: camelCase, normalised, as its schema promises. */
export type PayloadOf<T extends MessageType> = T extends MessageType ? Camel<z.output<(typeof PAYLOADS)[T]>> : never;

/** A message inside: its envelope in camelCase, its payload typed by `eventType`. */
export type Message<T extends MessageType = MessageType> = T extends MessageType
  ? {
      readonly eventId: string;
      readonly eventType: T;
      /** RFC 3339, UTC. */
      readonly eventTimestamp: string;
      readonly sourceNodeId: string;
      readonly correlationId: string;
      /** `eventId` of the message that caused this one; null at the root. */
      readonly causationId: string | null;
      readonly payload: PayloadOf<T>;
    }
  : never;

/** What a pure component wants said: the runtime adds ids, time, correlation and causation. */
export type Output<T extends MessageType = MessageType> = T extends MessageType
  ? { readonly eventType: T; readonly payload: PayloadOf<T> }
  : never;

/** What both backends hold of a node. */
export type RegistrationRecord = Camel<z.output<typeof registrationRecord>>;
/** The same before the reducer has validated it. */
export type ProposedRecord = Camel<z.output<typeof proposedRecord>>;
export type EffectError = PayloadOf<'REGISTRATION_FAILED'>['errors'][number];
export type ConsulIntent = PayloadOf<'CONSUL_INTENT'>['intent']['payload'];
export type PostgresIntent = PayloadOf<'POSTGRES_INTENT'>['intent']['payload'];
export type Intent = ConsulIntent | PostgresIntent;

/** A message as a component receives it. `appendedAt`: the broker's append time, epoch milliseconds; the only `now` there is. */
export type Input<T extends MessageType = MessageType> = Message<T> & { readonly appendedAt: number };
