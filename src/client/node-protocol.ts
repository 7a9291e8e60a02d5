import type { Message, PayloadOf } from '../messages/index.js';

/**
 * A node's side of the handshake, one step at a time: `(state, what happened) -> { state, says }`. The shell sends what the
 * node says, in that order. No I/O, no clock, no random ids: the shell gives ids and time to what is said (`stamp.ts`). What it hears
 * is in `hear.ts`.
 *
 *     introspect ──> introspected ──ACCEPTED──> accepted ──acknowledge──> acknowledged ──BECAME_ACTIVE──> active
 *                        └─REJECTED─> rejected                  └─ACK_TIMED_OUT─> ack_timed_out           │
 *                                                               liveness_expired <──LIVENESS_EXPIRED─────┘
 *     any ──DEREGISTERED──> deregistered          any ──goodbye──> left
 *
 * `accepted` is rested in until the node says that it is ready (`acknowledge`). Copies of what was heard change nothing, nor
 * does what belongs to another workflow. Topics have no common order, so an answer may come before the one that preceded it.
 * An active node sends heartbeats (`heartbeat`); one that is asked what it is says so (`answerRequest`), one whose record is another
 * says that (`change`). One that is out begins again by `introspect`, under a new correlation id; who was rejected or
 * deregistered does so only when somebody wants it.
 */
export type NodeState =
  | Workflow<'introspected'>
  | (Attempt<'accepted'> & {
      /** How long the registry waits for the ack; null: it wants none. */
      readonly ackTimeoutMs: number | null;
    })
  | Attempt<'acknowledged'>
  | Active
  | (Workflow<'liveness_expired'> & { readonly attemptId: string })
  | (Workflow<'ack_timed_out'> & { readonly attemptId: string })
  | (Workflow<'rejected'> & { readonly reasonCode: string; readonly reason: string })
  | (Workflow<'deregistered'> & { readonly reason: string })
  | Workflow<'left'>;

type Workflow<S extends string> = { readonly status: S; readonly correlationId: string };
type Attempt<S extends string> = Workflow<S> & {
  readonly attemptId: string;
  /** `event_id` of the *accepted* that this node acknowledges: the ack's cause. */
  readonly acceptedId: string;
  /** When the registry accepted it. RFC 3339. */
  readonly acceptedAt: string;
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

/** What a node says that it is: the whole record, each time. */
export type Description = PayloadOf<'NODE_INTROSPECTION'>;
export type Measures = Partial<Omit<PayloadOf<'NODE_HEARTBEAT'>, 'nodeId'>>;

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
export function introspect(description: Description, correlationId: string): NodeStep {
  const state = { status: 'introspected', correlationId } as const;
  return { state, says: [describe(description, state)] };
}

/** The node is ready to work: answers the *accepted* that waits for it. In every other state there is nothing to say. */
export function acknowledge(nodeId: string, state: NodeState): NodeStep {
  if (state.status !== 'accepted') return { state, says: [] };
  const { ackTimeoutMs: _, ...attempt } = state;
  const { correlationId, acceptedId, attemptId } = attempt;
  return {
    state: { ...attempt, status: 'acknowledged' },
    says: [
      { eventType: 'NODE_REGISTRATION_ACKED', correlationId, causationId: acceptedId, payload: { nodeId, attemptId } },
    ],
  };
}

/** An active node is alive; in every other state there is nothing to say. `measures` are what it cares to tell. */
export function heartbeat(nodeId: string, state: NodeState, measures: Measures = {}): NodeStep {
  if (state.status !== 'active') return { state, says: [] };
  const { correlationId } = state;
  const payload = { nodeId, ...measures } as PayloadOf<'NODE_HEARTBEAT'>;
  return { state, says: [{ eventType: 'NODE_HEARTBEAT', correlationId, causationId: null, payload }] };
}

/**
 * The registry asks the node, or all nodes, what they are. A node that takes part says once more what it said, in the same workflow:
 * a registry that knows it takes no notice, one that does not begins anew. One that has dropped out begins a new workflow, under
 * `newCorrelationId`, and so does one that was rejected where it is asked by name: somebody may have mended the reason. One that was
 * deregistered is silent, as the answer to a request does not bring it back.
 */
export function answerRequest(
  description: Description,
  state: NodeState,
  request: Message<'REGISTRY_REQUEST_INTROSPECTION'>,
  newCorrelationId: string,
): NodeStep {
  const { eventId: causationId, payload } = request;
  const isNamed = payload.targetNodeId === description.nodeId;
  const answer = { ...description, reason: 'request' as const };
  if (payload.targetNodeId !== undefined && !isNamed) return { state, says: [] };
  switch (state.status) {
    case 'left':
    case 'deregistered':
      return { state, says: [] };
    case 'rejected':
      return isNamed ? beginAgain(answer, newCorrelationId, causationId) : { state, says: [] };
    case 'ack_timed_out':
    case 'liveness_expired':
      return beginAgain(answer, newCorrelationId, causationId);
    case 'introspected':
    case 'accepted':
    case 'acknowledged':
    case 'active':
      return { state, says: [describe(answer, state, causationId)] };
  }
}

/**
 * The record of the node is another one by now. A node that takes part goes on in its workflow; one that is out, or was rejected, begins
 * a new one with it. What was deregistered, or has left, says nothing.
 */
export function change(description: Description, state: NodeState, newCorrelationId: string): NodeStep {
  switch (state.status) {
    case 'left':
    case 'deregistered':
      return { state, says: [] };
    case 'rejected':
    case 'ack_timed_out':
    case 'liveness_expired':
      return introspect(description, newCorrelationId);
    case 'introspected':
    case 'accepted':
    case 'acknowledged':
    case 'active':
      return { state, says: [describe(description, state)] };
  }
}

/**
 * Begins anew where the node is out, for whatever reason, and even if somebody took it out. One that takes part says once more what it
 * is: a workflow beside the running one would get no answer.
 */
export function rejoin(description: Description, state: NodeState, newCorrelationId: string): NodeStep {
  switch (state.status) {
    case 'left':
      return { state, says: [] };
    case 'deregistered':
    case 'rejected':
    case 'ack_timed_out':
    case 'liveness_expired':
      return introspect(description, newCorrelationId);
    case 'introspected':
    case 'accepted':
    case 'acknowledged':
    case 'active':
      return { state, says: [describe(description, state)] };
  }
}

/**
 * Says once more what it is where no answer came for long: a registry that has the first one takes no notice, one that was emptied
 * meanwhile begins anew. Whoever is active need not: a heartbeat of an unknown node is answered by a request.
 */
export function remind(description: Description, state: NodeState): NodeStep {
  if (state.status !== 'introspected' && state.status !== 'acknowledged') return { state, says: [] };
  return { state, says: [describe({ ...description, reason: 'request' }, state)] };
}

/** The node leaves. One that was rejected or deregistered is out already, and goes without a word. */
export function goodbye(description: Description, state: NodeState): NodeStep {
  const { status, correlationId } = state;
  const isOut = status === 'rejected' || status === 'deregistered' || status === 'left';
  return {
    state: { status: 'left', correlationId },
    says: isOut ? [] : [describe({ ...description, reason: 'shutdown' }, state)],
  };
}

/** What the node is, said in the workflow of `state`. */
export function describe(
  description: Description,
  { correlationId }: Pick<NodeState, 'correlationId'>,
  causationId: string | null = null,
): Saying<'NODE_INTROSPECTION'> {
  return { eventType: 'NODE_INTROSPECTION', correlationId, causationId, payload: description };
}

function beginAgain(description: Description, correlationId: string, causationId: string): NodeStep {
  const state = { status: 'introspected', correlationId } as const;
  return { state, says: [describe(description, state, causationId)] };
}
