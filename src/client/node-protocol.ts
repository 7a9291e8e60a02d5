import type { Message, PayloadOf } from '../messages/index.js';

/**
 * A node's side of the handshake, one step at a time: `(state, what happened) -> { state, says }`. The shell sends what the
 * node says, in that order. No I/O, no clock, no random ids: the shell gives ids and time to what is said (`stamp.ts`).
 *
 *     introspect ──> introspected ──ACCEPTED──> accepted ──acknowledge──> acknowledged ──BECAME_ACTIVE──> active
 *                        └─REJECTED─> rejected                  └─ACK_TIMED_OUT─> ack_timed_out
 *
 * `accepted` is rested in until the node says that it is ready (`acknowledge`). Copies of what was heard change nothing, nor
 * does what belongs to another workflow. Topics have no common order, so an answer may come before the one that preceded it.
 */
export type NodeState =
  | Workflow<'introspected'>
  | Attempt<'accepted'>
  | Attempt<'acknowledged'>
  | (Workflow<'active'> & { readonly attemptId: string })
  | (Workflow<'ack_timed_out'> & { readonly attemptId: string })
  | (Workflow<'rejected'> & { readonly reasonCode: string; readonly reason: string });

type Workflow<S extends string> = { readonly status: S; readonly correlationId: string };
type Attempt<S extends string> = Workflow<S> & {
  readonly attemptId: string;
  /** `event_id` of the *accepted* that this node acknowledges: the ack's cause. */
  readonly acceptedId: string;
  readonly heartbeatIntervalMs: number;
};

export type NodeMessageType = 'NODE_INTROSPECTION' | 'NODE_REGISTRATION_ACKED';

/** What the registry answers a node. */
export const ANSWER_TYPES = [
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_REJECTED',
  'NODE_REGISTRATION_ACK_TIMED_OUT',
  'NODE_BECAME_ACTIVE',
] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

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

/** Hears one answer. Returns the same state object when it changes nothing. */
export function hear(state: NodeState, answer: Message<AnswerType>): NodeState {
  if (answer.correlationId !== state.correlationId) return state;
  const { correlationId } = state;
  const sameAttempt = 'attemptId' in state && state.attemptId === answer.payload.attemptId;
  switch (answer.eventType) {
    case 'NODE_REGISTRATION_ACCEPTED':
      if (sameAttempt) return state;
      return {
        status: 'accepted',
        correlationId,
        attemptId: answer.payload.attemptId,
        acceptedId: answer.eventId,
        heartbeatIntervalMs: answer.payload.heartbeatIntervalMs,
      };
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
      if (state.status === 'active' || ('attemptId' in state && !sameAttempt)) return state;
      return { status: 'active', correlationId, attemptId: answer.payload.attemptId };
    default:
      return unexpected(answer);
  }
}

function unexpected(answer: never): never {
  throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
}
