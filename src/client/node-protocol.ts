import type { Message, PayloadOf } from '../messages/index.js';

/**
 * A node's side of the handshake, one step at a time: `(state, what happened) -> { state, says }`. The shell sends what the
 * node says, in that order. No I/O, no clock, no random ids: the shell gives ids and time to what is said (`stamp.ts`).
 *
 *     introspect ──> introspected ──ACCEPTED──> accepted ──acknowledge──> acknowledged ──BECAME_ACTIVE──> active
 *                        └─REJECTED─> rejected                  └─ACK_TIMED_OUT─> ack_timed_out           │
 *                                                               liveness_expired <──LIVENESS_EXPIRED─────┘
 *
 * `accepted` is rested in until the node says that it is ready (`acknowledge`). Copies of what was heard change nothing, nor
 * does what belongs to another workflow. Topics have no common order, so an answer may come before the one that preceded it.
 * An active node sends heartbeats (`heartbeat`); one that is asked what it is says so (`answerRequest`).
 */
export type NodeState =
  | Workflow<'introspected'>
  | Attempt<'accepted'>
  | Attempt<'acknowledged'>
  | Active
  | (Workflow<'liveness_expired'> & { readonly attemptId: string })
  | (Workflow<'ack_timed_out'> & { readonly attemptId: string })
  | (Workflow<'rejected'> & { readonly reasonCode: string; readonly reason: string });

type Workflow<S extends string> = { readonly status: S; readonly correlationId: string };
type Attempt<S extends string> = Workflow<S> & {
  readonly attemptId: string;
  /** `event_id` of the *accepted* that this node acknowledges: the ack's cause. */
  readonly acceptedId: string;
  readonly heartbeatIntervalMs: number;
};

type Active = Workflow<'active'> & {
  readonly attemptId: string;
  /** Null as long as the *accepted* that tells it has not been heard. */
  readonly heartbeatIntervalMs: number | null;
  /** When the registry took it for active. RFC 3339. */
  readonly since: string;
};

export type NodeMessageType = 'NODE_INTROSPECTION' | 'NODE_REGISTRATION_ACKED' | 'NODE_HEARTBEAT';

/** What the registry answers a node in the handshake. */
export const ANSWER_TYPES = [
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_REJECTED',
  'NODE_REGISTRATION_ACK_TIMED_OUT',
  'NODE_BECAME_ACTIVE',
] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

/** What a node that takes part has to hear, beside the answers, while it does. */
export const NOTICE_TYPES = ['NODE_LIVENESS_EXPIRED', 'REGISTRY_REQUEST_INTROSPECTION'] as const;

/** A message without its id and time. */
export type Saying<T extends NodeMessageType = NodeMessageType> = T extends NodeMessageType
  ? {
      readonly eventType: T;
      readonly correlationId: string;
      readonly causationId: string | null;
      readonly payload: PayloadOf<T>;
    }
  : never;

export type NodeStep = { readonly state: NodeState; readonly says: readonly Saying[] };

/** Begins a workflow. `correlationId` is new for every start of the process. */
export function introspect(description: PayloadOf<'NODE_INTROSPECTION'>, correlationId: string): NodeStep {
  return {
    state: { status: 'introspected', correlationId },
    says: [{ eventType: 'NODE_INTROSPECTION', correlationId, causationId: null, payload: description }],
  };
}

/** The node is ready to work: answers the *accepted* that waits for it. In every other state there is nothing to say. */
export function acknowledge(nodeId: string, state: NodeState): NodeStep {
  if (state.status !== 'accepted') return { state, says: [] };
  const { correlationId, acceptedId, attemptId } = state;
  return {
    state: { ...state, status: 'acknowledged' },
    says: [
      { eventType: 'NODE_REGISTRATION_ACKED', correlationId, causationId: acceptedId, payload: { nodeId, attemptId } },
    ],
  };
}

/** An active node is alive; in every other state there is nothing to say. `measures` are what it cares to tell. */
export function heartbeat(
  nodeId: string,
  state: NodeState,
  measures: Partial<Omit<PayloadOf<'NODE_HEARTBEAT'>, 'nodeId'>> = {},
): NodeStep {
  if (state.status !== 'active') return { state, says: [] };
  const { correlationId } = state;
  const payload = { nodeId, ...measures } as PayloadOf<'NODE_HEARTBEAT'>;
  return { state, says: [{ eventType: 'NODE_HEARTBEAT', correlationId, causationId: null, payload }] };
}

/**
 * The registry asks the node, or all nodes, what they are. A node that takes part says once more what it said, in the same workflow:
 * a registry that knows it takes no notice, one that does not begins anew. One that has dropped out begins a new workflow, under
 * `newCorrelationId`; one that was rejected would only be rejected again.
 */
export function answerRequest(
  description: PayloadOf<'NODE_INTROSPECTION'>,
  state: NodeState,
  request: Message<'REGISTRY_REQUEST_INTROSPECTION'>,
  newCorrelationId: string,
): NodeStep {
  const { nodeId } = description;
  const target = request.payload.targetNodeId ?? nodeId;
  if (target !== nodeId || state.status === 'rejected') return { state, says: [] };
  const isOut = state.status === 'ack_timed_out' || state.status === 'liveness_expired';
  const correlationId = isOut ? newCorrelationId : state.correlationId;
  const payload = { ...description, reason: 'request' as const };
  return {
    state: isOut ? { status: 'introspected', correlationId } : state,
    says: [{ eventType: 'NODE_INTROSPECTION', correlationId, causationId: request.eventId, payload }],
  };
}

/** Hears one answer, or that its silence was taken for its end. Returns the same state object when it changes nothing. */
export function hear(state: NodeState, message: Message<AnswerType | 'NODE_LIVENESS_EXPIRED'>): NodeState {
  if (message.correlationId !== state.correlationId) return state;
  if (message.eventType !== 'NODE_LIVENESS_EXPIRED') return hearAnswer(state, message);
  // One that is older than the present activity is about an earlier one.
  if (state.status !== 'active' || Date.parse(message.eventTimestamp) < Date.parse(state.since)) return state;
  return { status: 'liveness_expired', correlationId: state.correlationId, attemptId: state.attemptId };
}

function hearAnswer(state: NodeState, answer: Message<AnswerType>): NodeState {
  const { correlationId } = state;
  const sameAttempt = 'attemptId' in state && state.attemptId === answer.payload.attemptId;
  switch (answer.eventType) {
    case 'NODE_REGISTRATION_ACCEPTED':
      return sameAttempt ? intervalHeard(state, answer) : accepted(answer);
    case 'NODE_REGISTRATION_REJECTED':
      // A refused update leaves the registration that is running.
      if (state.status === 'active') return state;
      return {
        status: 'rejected',
        correlationId,
        reasonCode: answer.payload.reasonCode,
        reason: answer.payload.reason,
      };
    case 'NODE_REGISTRATION_ACK_TIMED_OUT':
      if (state.status === 'active' || ('attemptId' in state && !sameAttempt)) return state;
      return { status: 'ack_timed_out', correlationId, attemptId: answer.payload.attemptId };
    case 'NODE_BECAME_ACTIVE':
      if (state.status === 'active' || state.status === 'liveness_expired') return state;
      if ('attemptId' in state && !sameAttempt) return state;
      return {
        status: 'active',
        correlationId,
        attemptId: answer.payload.attemptId,
        heartbeatIntervalMs: 'heartbeatIntervalMs' in state ? state.heartbeatIntervalMs : null,
        since: answer.eventTimestamp,
      };
    default:
      return unexpected(answer);
  }
}

function accepted({ correlationId, eventId, payload }: Message<'NODE_REGISTRATION_ACCEPTED'>): NodeState {
  const { attemptId, heartbeatIntervalMs } = payload;
  return { status: 'accepted', correlationId, attemptId, acceptedId: eventId, heartbeatIntervalMs };
}

/** The *accepted* of an attempt that is active already: it was overtaken. */
function intervalHeard(state: NodeState, { payload }: Message<'NODE_REGISTRATION_ACCEPTED'>): NodeState {
  if (state.status !== 'active' || state.heartbeatIntervalMs !== null) return state;
  return { ...state, heartbeatIntervalMs: payload.heartbeatIntervalMs };
}

function unexpected(answer: never): never {
  throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
}
