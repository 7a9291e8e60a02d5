import type { Input } from '../../src/messages/index.js';
import type { Admission } from '../../src/orchestrator/admission.js';
import { orchestratorHandlers } from '../../src/orchestrator/orchestrator.js';
import type { Context, InputType, Step, WorkflowState } from '../../src/orchestrator/state.js';
import * as build from './builders.js';
import { deepFreeze, scenarios } from './given.js';

export type OrchestratorInput = Input<InputType>;

/** All different, so that none can be taken for another. */
export const TIMINGS = {
  ackTimeoutMs: 31_000,
  livenessWindowMs: 47_000,
  heartbeatIntervalMs: 11_000,
  degradedAcceptAfterMs: 5_000,
} as const;

export const CONTEXT: Context = { timings: TIMINGS, deadline: null, lastHeartbeatAt: null, fleetSize: null };

export const OPEN: Admission = {
  allowedNodeTypes: ['effect', 'compute', 'orchestrator'],
  requiredFields: [],
  fleetLimit: null,
};

/** The orchestrator under an admission: one function for every message. */
export function orchestrator(admission: Admission) {
  const handlers = new Map(orchestratorHandlers(admission).map(({ id, decide }) => [id, decide]));
  return (state: WorkflowState | null, message: OrchestratorInput, context: Context = CONTEXT): Step => {
    const decide = handlers.get(message.eventType.toLowerCase().replaceAll('_', '-'));
    if (decide === undefined) throw new Error(`no handler for ${message.eventType}`);
    return decide(state, message, context);
  };
}

export const orchestrate = orchestrator(OPEN);

export const given = scenarios(orchestrate, CONTEXT);

type Turn = OrchestratorInput | readonly [OrchestratorInput, Partial<Context>];

type Rest = { readonly state: WorkflowState; readonly armed: Exclude<Step['deadline'], 'keep'> };

/** Where a path from none ends; every message on it must have an effect. */
function walk(turns: readonly Turn[]): Rest {
  let state: WorkflowState | null = null;
  let armed: Rest['armed'] = null;
  for (const turn of turns) {
    const [message, context] = 'eventType' in turn ? [turn, {}] : turn;
    const step: Step = orchestrate(state, message, { ...CONTEXT, ...context });
    if (step.ignored !== null) throw new Error(`${message.eventType} ${message.eventId} has no effect: ${step.rule}`);
    state = step.state;
    if (step.deadline !== 'keep') armed = step.deadline;
  }
  if (state === null) throw new Error('a path needs at least one message');
  return { state: deepFreeze(state), armed };
}

const ACK_DEADLINE = { kind: 'ack', at: build.at(40) } as const;
const LIVENESS_DEADLINE = { kind: 'liveness', at: build.at(60) } as const;

const { introspection, registerNode, partial, completed, failed, acked, deregisterNode, deadlinePassed } = build;

/** The attempt is number 1 and is asked for at version 1. */
const FIRST = { attempt: 1, version: 1 };
const PENDING: readonly Turn[] = [introspection(1)];
const AWAITING_ACK: readonly Turn[] = [...PENDING, completed(2, FIRST)];
const AWAITING_ACK_DEGRADED: readonly Turn[] = [...PENDING, failed(2, { ...FIRST, confirmed: ['postgres'] })];
const ACTIVE: readonly Turn[] = [...AWAITING_ACK, acked(3, 1)];
const DEREGISTERING: readonly Turn[] = [...ACTIVE, deregisterNode(4)];

/** Paths that a node can take, to states of every status. */
const PATHS = {
  pending: PENDING,
  pendingWithoutIncarnation: [introspection(1, { incarnation: undefined })],
  pendingPartial: [...PENDING, partial(2, FIRST)],
  pendingWaived: [registerNode(1)],
  pendingWaivedPartial: [registerNode(1), partial(2, FIRST)],
  pendingWaivedHeartbeat: [registerNode(1, { liveness: 'heartbeat' })],
  awaitingAck: AWAITING_ACK,
  awaitingAckDegraded: AWAITING_ACK_DEGRADED,
  active: ACTIVE,
  activeDegraded: [...AWAITING_ACK_DEGRADED, acked(3, 1)],
  activeUpdating: [...ACTIVE, introspection(4, { metadata: { team: 'video' } })],
  activeWithoutLiveness: [registerNode(1), completed(2, FIRST)],
  activeByHand: [registerNode(1, { incarnation: undefined }), completed(2, FIRST)],
  rejected: [introspection(1, { nodeType: 'toaster' })],
  rejectedByBackends: [...PENDING, failed(2, { ...FIRST, errors: [build.CONSUL_REFUSES, build.POSTGRES_REFUSES] })],
  ackTimedOut: [...AWAITING_ACK, [deadlinePassed(3, 'ack', ACK_DEADLINE.at), { deadline: ACK_DEADLINE }]],
  livenessExpired: [...ACTIVE, [deadlinePassed(4, 'liveness', LIVENESS_DEADLINE.at), { deadline: LIVENESS_DEADLINE }]],
  deregistering: DEREGISTERING,
  deregistered: [...DEREGISTERING, completed(5, { attempt: 1, version: 4, kind: 'deregister', revision: 3 })],
} as const satisfies Record<string, readonly Turn[]>;

/** The end of every path by its name: the state, and the deadline that is armed in it. */
export const RESTS = Object.fromEntries(Object.entries(PATHS).map(([name, turns]) => [name, walk(turns)])) as Readonly<
  Record<keyof typeof PATHS, Rest>
>;

/** States of every status. */
export const WORKFLOWS = Object.fromEntries(
  Object.entries(RESTS).map(([name, { state }]) => [name, state]),
) as Readonly<Record<keyof typeof PATHS, WorkflowState>>;
