import fc from 'fast-check';
import { NODE_TYPES, type Backend, type PayloadOf, type ProposedRecord } from '../../src/messages/index.js';
import type { ReducerInput, ReducerState } from '../../src/reducer/state.js';
import { chosen, endpoints, jsonObject, nearby } from './arbitrary-values.js';
import { at, CONSUL_REFUSES, id, input, POSTGRES_REFUSES } from './builders.js';

/** Where a node's record stands when the next message comes: what is said mostly means this very moment. */
export type DesireSituation = { readonly nodeId: string; readonly state: ReducerState | null };

/** A message that is still open in what depends on the situation; number `n` gives its ids and its time. */
export type DesireDraft = (n: number, situation: DesireSituation) => ReducerInput;

type InputType = ReducerInput['eventType'];
type Drafts = { readonly [T in InputType]: fc.Arbitrary<DesireDraft> };

const attempts = chosen('this', 'this', 'this', 'other');
const version = chosen(1, 1, 1, 1, 1, 0, -1, 3);

function attemptOf(attempt: 'this' | 'other', { state }: DesireSituation): string {
  return attempt === 'this' ? (state?.desired?.attemptId ?? id(1)) : id(2);
}

function versionOf(ahead: number, { state }: DesireSituation): number {
  return Math.max(1, (state?.workflowVersion ?? 0) + ahead);
}

const record = fc.record({
  nodeId: chosen('own', 'own', 'own', 'own', 'own', 'own', 'own', ''),
  nodeType: chosen(...NODE_TYPES, 'effect', 'effect', 'effect', 'toaster', ''),
  nodeVersion: chosen('1.0.0', '2.0.0-rc.1'),
  capabilities: jsonObject,
  capabilityTags: chosen<readonly string[]>([], ['a'], ['a', 'b']),
  endpoints,
  metadata: jsonObject,
  healthEndpoint: chosen(null, 'http://10.0.0.1:8080/health'),
  incarnation: chosen(null, 0, 100),
});

const result = fc.record({
  backend: chosen<Backend>('consul', 'postgres'),
  off: nearby,
  attempt: attempts,
  durationMs: chosen(0, 1.5),
});

type Result = typeof result extends fc.Arbitrary<infer T> ? T : never;

function resultOf({ off, attempt, durationMs }: Result, situation: DesireSituation) {
  const revision = Math.max(0, (situation.state?.desired?.revision ?? 1) + off);
  return { nodeId: situation.nodeId, revision, attemptId: attemptOf(attempt, situation), durationMs };
}

function confirmation(
  type:
    Extract<InputType, 'CONSUL_REGISTERED' | 'CONSUL_DEREGISTERED' | `POSTGRES_${string}`> | 'CONSUL_SERVICE_REMOVED',
  operation: string,
): fc.Arbitrary<DesireDraft> {
  const backend = type.startsWith('CONSUL') ? 'consul' : 'postgres';
  return result.map((fields) => (n, situation) => say(n, type, { ...resultOf(fields, situation), backend, operation }));
}

const drift = fc.record({
  backend: chosen<Backend>('consul', 'postgres'),
  drift: chosen('missing', 'altered', 'ghost'),
  judgedBy: chosen('this', 'this', 'this', 'nothing', 'before'),
  found: chosen(null, 0, 1, -1, 5),
  differences: chosen<readonly string[]>([], ['endpoints', 'capabilities']),
  entry: chosen(null, { consulNode: 'rollcall-00', serviceId: 'onex-effect-x', serviceName: 'onex-effect' }),
});

/** Every message type that the reducer decides on. */
export const DESIRE_DRAFTS: Drafts = {
  NODE_REGISTRATION_INITIATED: fc
    .record({ attempt: attempts, version, kind: chosen('register', 'register', 'update'), record })
    .map(
      ({ attempt, version: ahead, kind, record: proposed }) =>
        (n, situation) =>
          say(n, 'NODE_REGISTRATION_INITIATED', {
            nodeId: situation.nodeId,
            attemptId: attemptOf(attempt, situation),
            workflowVersion: versionOf(ahead, situation),
            kind,
            health: kind === 'update' ? 'passing' : 'critical',
            record: { ...proposed, nodeId: proposed.nodeId === '' ? '' : situation.nodeId } satisfies ProposedRecord,
          }),
    ),
  NODE_DEREGISTRATION_INITIATED: fc
    .record({ attempt: attempts, version, reason: chosen('requested', 'ack_timeout') })
    .map(
      ({ attempt, version: ahead, reason }) =>
        (n, situation) =>
          say(n, 'NODE_DEREGISTRATION_INITIATED', {
            nodeId: situation.nodeId,
            attemptId: attemptOf(attempt, situation),
            workflowVersion: versionOf(ahead, situation),
            reason,
          }),
    ),
  NODE_BECAME_ACTIVE: fc
    .record({ attempt: attempts, version, capabilities: jsonObject, livenessDeadline: chosen(null, at(60)) })
    .map(
      ({ attempt, version: ahead, ...fields }) =>
        (n, situation) =>
          say(n, 'NODE_BECAME_ACTIVE', {
            nodeId: situation.nodeId,
            attemptId: attemptOf(attempt, situation),
            workflowVersion: versionOf(ahead, situation),
            ...fields,
          }),
    ),
  CONSUL_REGISTERED: confirmation('CONSUL_REGISTERED', 'consul.register'),
  CONSUL_DEREGISTERED: confirmation('CONSUL_DEREGISTERED', 'consul.deregister'),
  POSTGRES_REGISTRATION_UPSERTED: confirmation('POSTGRES_REGISTRATION_UPSERTED', 'postgres.upsert_registration'),
  POSTGRES_REGISTRATION_DEACTIVATED: confirmation(
    'POSTGRES_REGISTRATION_DEACTIVATED',
    'postgres.deactivate_registration',
  ),
  CONSUL_SERVICE_REMOVED: confirmation('CONSUL_SERVICE_REMOVED', 'consul.remove_service'),
  REGISTRY_EFFECT_FAILED: fc.tuple(result, fc.boolean()).map(([fields, ofGhost]) => (n, situation) => {
    const { backend, errorCode, errorMessage } = fields.backend === 'consul' ? CONSUL_REFUSES : POSTGRES_REFUSES;
    const operation =
      backend === 'postgres' ? 'postgres.upsert_registration' : ofGhost ? 'consul.remove_service' : 'consul.register';
    return say(n, 'REGISTRY_EFFECT_FAILED', {
      ...resultOf(fields, situation),
      backend,
      operation,
      errorCode,
      errorMessage,
    });
  }),
  REGISTRY_DRIFT_DETECTED: drift.map(({ judgedBy, found, ...fields }) => (n, situation) => {
    const desired = situation.state?.desired?.revision ?? null;
    const revision = judgedBy === 'nothing' || desired === null ? null : desired - (judgedBy === 'this' ? 0 : 1);
    const foundRevision = found === null ? null : Math.max(0, (desired ?? 0) + found);
    return say(n, 'REGISTRY_DRIFT_DETECTED', { nodeId: situation.nodeId, ...fields, revision, foundRevision });
  }),
};

function say<T extends InputType>(n: number, type: T, payload: unknown): ReducerInput {
  return input(n, type, payload as PayloadOf<T>) as ReducerInput;
}

const { NODE_REGISTRATION_INITIATED, NODE_DEREGISTRATION_INITIATED, NODE_BECAME_ACTIVE, ...answers } = DESIRE_DRAFTS;

/** Any message, in a mixture that takes a record far. */
export const desireDraft: fc.Arbitrary<DesireDraft> = fc.oneof(
  { weight: 4, arbitrary: NODE_REGISTRATION_INITIATED },
  { weight: 1, arbitrary: NODE_DEREGISTRATION_INITIATED },
  { weight: 3, arbitrary: NODE_BECAME_ACTIVE },
  { weight: 4, arbitrary: answers.CONSUL_REGISTERED },
  { weight: 1, arbitrary: answers.CONSUL_DEREGISTERED },
  { weight: 4, arbitrary: answers.POSTGRES_REGISTRATION_UPSERTED },
  { weight: 1, arbitrary: answers.POSTGRES_REGISTRATION_DEACTIVATED },
  { weight: 1, arbitrary: answers.CONSUL_SERVICE_REMOVED },
  { weight: 3, arbitrary: answers.REGISTRY_EFFECT_FAILED },
  { weight: 3, arbitrary: answers.REGISTRY_DRIFT_DETECTED },
);
