import fc from 'fast-check';
import { NODE_TYPES, type Backend, type EffectError, type PayloadOf } from '../../src/messages/index.js';
import type { Context, InputType, WorkflowState } from '../../src/orchestrator/state.js';
import { chosen, endpoints, jsonObject, nearby } from './arbitrary-values.js';
import { at, CONSUL_REFUSES, id, input, KEY, OTHER_KEY, POSTGRES_REFUSES, T0 } from './builders.js';
import type { OrchestratorInput } from './workflow.js';

/** Where a node stands when the next message comes: what is said to it mostly means this very moment. */
export type WorkflowSituation = {
  readonly nodeId: string;
  readonly state: WorkflowState | null;
  readonly deadline: Context['deadline'];
};

/** A message that is still open in what depends on the situation; number `n` gives its ids and its time. */
export type WorkflowDraft = (n: number, situation: WorkflowSituation) => OrchestratorInput;

type Drafts = { readonly [T in InputType]: fc.Arbitrary<WorkflowDraft> };

const OTHER_ATTEMPT = id(999_999);
const absent = chosen(undefined);

const description = fc.record({
  repeats: fc.boolean(),
  nodeType: chosen<string | undefined>(...NODE_TYPES, 'effect', 'effect', 'effect', 'toaster', '', undefined),
  nodeVersion: chosen('1.0.0', '1.2.0', '2.0.0-rc.1'),
  capabilities: jsonObject,
  endpoints,
  metadata: jsonObject,
  healthEndpoint: fc.oneof(absent, chosen('http://10.0.0.1:8080/health')),
  reason: chosen('startup', 'startup', 'request', 'capability_change', 'health_change', 'shutdown'),
  incarnation: chosen('absent', 'same', 'same', 'older', 'newer', 'any'),
});

type Description = typeof description extends fc.Arbitrary<infer T> ? T : never;

function described({ repeats, incarnation, ...fields }: Description, { nodeId, state }: WorkflowSituation) {
  const known = state?.record.incarnation ?? null;
  const shift = { same: 0, older: -1, newer: 1 };
  const number =
    incarnation === 'absent'
      ? undefined
      : incarnation === 'any'
        ? 100
        : Math.max(0, (known ?? 100) + shift[incarnation]);
  const again = repeats && state !== null;
  const { nodeType, nodeVersion, capabilities, metadata, healthEndpoint } = again ? state.record : fields;
  return {
    nodeId,
    nodeType,
    nodeVersion,
    capabilities,
    endpoints: (again ? state.record : fields).endpoints,
    metadata,
    healthEndpoint: healthEndpoint ?? undefined,
    reason: fields.reason,
    incarnation: number,
  };
}

const BOTH: readonly Backend[] = ['consul', 'postgres'];
const NONE: readonly Backend[] = [];
const backends = chosen<readonly Backend[]>(NONE, ['consul'], ['postgres'], BOTH);
const errors = chosen<readonly EffectError[]>([], [CONSUL_REFUSES], [POSTGRES_REFUSES, CONSUL_REFUSES]);

const answer = fc.record({
  of: chosen('request', 'request', 'request', 'update', 'update', 'other'),
  kind: chosen('as asked', 'as asked', 'as asked', 'register', 'update', 'deregister'),
  attempt: chosen('this', 'this', 'this', 'this', 'other'),
  off: nearby,
  revision: fc.nat(6),
  confirmed: backends,
  errors,
});

type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

function answered({ of, kind, attempt, off, ...fields }: Answer, { nodeId, state }: WorkflowSituation) {
  const update = of === 'update' ? state?.updates.at(-1) : undefined;
  const asked = update === undefined ? (state?.status === 'deregistering' ? 'deregister' : 'register') : 'update';
  const version = (update?.workflowVersion ?? state?.requestVersion ?? 1) + (of === 'other' ? off : 0);
  return {
    nodeId,
    attemptId: attempt === 'this' && state !== null ? state.attemptId : OTHER_ATTEMPT,
    workflowVersion: Math.max(1, version),
    kind: kind === 'as asked' ? asked : kind,
    revision: fields.revision,
    confirmed: fields.confirmed,
    pending: BOTH.filter((backend) => !fields.confirmed.includes(backend)),
    errors: fields.errors,
  };
}

/** Seldom is one given: it makes the node another. */
function keyGiven(n: number): string | undefined {
  return n % 5 === 0 ? (n % 2 === 0 ? KEY : OTHER_KEY) : undefined;
}

/** Every message type that the orchestrator decides on. */
export const WORKFLOW_DRAFTS: Drafts = {
  NODE_INTROSPECTION: description.map(
    (fields) => (n, situation) => say(n, 'NODE_INTROSPECTION', described(fields, situation)),
  ),
  REGISTER_NODE: fc.tuple(description, chosen('required', 'waived'), chosen('heartbeat', 'none')).map(
    ([fields, acknowledgement, liveness]) =>
      (n, situation) =>
        say(n, 'REGISTER_NODE', { ...described(fields, situation), acknowledgement, liveness, publicKey: keyGiven(n) }),
  ),
  DEREGISTER_NODE: chosen(undefined, 'broken', 'ÄÖ').map(
    (reason) =>
      (n, { nodeId }) =>
        say(n, 'DEREGISTER_NODE', { nodeId, reason }),
  ),
  NODE_REGISTRATION_ACKED: chosen('this', 'this', 'none', 'other').map((attempt) => (n, { nodeId, state }) => {
    const attemptId = attempt === 'this' && state !== null ? state.attemptId : OTHER_ATTEMPT;
    return say(n, 'NODE_REGISTRATION_ACKED', { nodeId, attemptId: attempt === 'none' ? undefined : attemptId });
  }),
  NODE_HEARTBEAT: fc
    .record({ uptimeSeconds: chosen(undefined, 0, 17.25), cpuUsagePercent: chosen(undefined, 0, 99.9) })
    .map(
      (fields) =>
        (n, { nodeId }) =>
          say(n, 'NODE_HEARTBEAT', { nodeId, ...fields }),
    ),
  DEADLINE_PASSED: fc.tuple(chosen(true, true, true, false), chosen('ack', 'liveness', 'degraded'), fc.nat(90)).map(
    ([armed, kind, seconds]) =>
      (n, { nodeId, deadline }) =>
        say(n, 'DEADLINE_PASSED', {
          nodeId,
          kind: armed && deadline !== null ? deadline.kind : kind,
          deadlineAt: armed && deadline !== null ? deadline.at : at(seconds),
        }),
  ),
  REGISTRATION_PARTIAL: progress('REGISTRATION_PARTIAL', chosen<readonly Backend[]>(['consul'], ['postgres'])),
  REGISTRATION_COMPLETED: progress('REGISTRATION_COMPLETED', chosen(BOTH)),
  REGISTRATION_FAILED: progress('REGISTRATION_FAILED', backends),
};

function progress<T extends 'REGISTRATION_PARTIAL' | 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED'>(
  type: T,
  confirmed: fc.Arbitrary<readonly Backend[]>,
): fc.Arbitrary<WorkflowDraft> {
  return fc.tuple(answer, confirmed).map(
    ([fields, holds]) =>
      (n, situation) =>
        say(n, type as 'REGISTRATION_PARTIAL', answered({ ...fields, confirmed: holds }, situation)),
  );
}

function say<T extends InputType>(n: number, type: T, payload: unknown): OrchestratorInput {
  // What is undefined goes on the way through JSON, as it is absent in a message that was decoded.
  return input(n, type, payload as PayloadOf<T>) as OrchestratorInput;
}

const { NODE_INTROSPECTION, REGISTER_NODE, DEREGISTER_NODE, NODE_REGISTRATION_ACKED, ...others } = WORKFLOW_DRAFTS;

/** Any message, in a mixture that takes a node far. */
export const workflowDraft: fc.Arbitrary<WorkflowDraft> = fc.oneof(
  { weight: 4, arbitrary: NODE_INTROSPECTION },
  { weight: 2, arbitrary: REGISTER_NODE },
  { weight: 1, arbitrary: DEREGISTER_NODE },
  { weight: 4, arbitrary: NODE_REGISTRATION_ACKED },
  { weight: 2, arbitrary: others.NODE_HEARTBEAT },
  { weight: 2, arbitrary: others.DEADLINE_PASSED },
  { weight: 2, arbitrary: others.REGISTRATION_PARTIAL },
  { weight: 6, arbitrary: others.REGISTRATION_COMPLETED },
  { weight: 2, arbitrary: others.REGISTRATION_FAILED },
);

/** What a decision rests on beside state and message; the deadline is that of the situation. */
export const workflowContext: fc.Arbitrary<Omit<Context, 'deadline'>> = fc.record({
  timings: fc.record({
    ackTimeoutMs: chosen(1, 30_000),
    livenessWindowMs: chosen(1, 45_000),
    heartbeatIntervalMs: chosen(1, 10_000),
    degradedAcceptAfterMs: chosen(1, 5000),
  }),
  lastHeartbeatAt: chosen(null, at(0), at(20), new Date(T0 + 3_600_000).toISOString()),
  fleetSize: chosen(null, 0, 2, 3),
});
