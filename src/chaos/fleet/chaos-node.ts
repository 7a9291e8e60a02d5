import { acknowledge, answerRequest, describe, hear, introspect, stamped } from '../../client/index.js';
import type { AnswerType, NodeMessageType, NodeState, Saying } from '../../client/index.js';
import { descriptionOf } from '../../fleet/simulated-node.js';
import type { Message, PayloadOf } from '../../messages/index.js';

/** `stays`: is to be active in the end. `left`: has said goodbye. `silent`: has died without a word, and is to be taken out. */
export type Fate = 'stays' | 'left' | 'silent';

/** One node with all its lives; what a machine keeps for its process. */
export type ChaosNode = {
  readonly id: string;
  readonly index: number;
  incarnation: number;
  /** Counts its descriptions: an update is the next one. */
  edition: number;
  fate: Fate;
  state: NodeState;
  /** The last request to introspect that it answered: they come in copies. */
  requestId: string | undefined;
  /** When its present workflow began, and whether it has been active in it. Epoch milliseconds. */
  beganAt: number;
  wasActive: boolean;
  /** It was taken for dead, or its ack came too late, and it has not been active since. */
  isOut: boolean;
  nextBeatAt: number;
  /** Its last heartbeat is still on its way. */
  isBeating: boolean;
};

export type Said = readonly Message<NodeMessageType>[];

export function newNode(id: string, index: number): ChaosNode {
  return {
    id,
    index,
    incarnation: 0,
    edition: 0,
    fate: 'left',
    state: { status: 'introspected', correlationId: '' },
    requestId: undefined,
    beganAt: 0,
    wasActive: false,
    isOut: false,
    nextBeatAt: 0,
    isBeating: false,
  };
}

/** Its process starts: for the first time, or once more. */
export function start(node: ChaosNode, correlationId: string, now: number): Said {
  node.incarnation = Math.max(now, node.incarnation + 1);
  node.edition += 1;
  node.fate = 'stays';
  node.requestId = undefined;
  return begin(node, correlationId, now);
}

/** Its record changes; the same life goes on. */
export function change(node: ChaosNode): Said {
  node.edition += 1;
  return said(node, [describe({ ...description(node), reason: 'capability_change' }, node.state)]);
}

/** It says goodbye. */
export function leave(node: ChaosNode): Said {
  node.fate = 'left';
  return said(node, [describe({ ...description(node), reason: 'shutdown' }, node.state)]);
}

/** It dies without a word. */
export function die(node: ChaosNode): void {
  node.fate = 'silent';
}

/** What the registry said to it, and what it says to that at once: it is always ready, and comes back when taken for dead. */
export function hearAnswer(
  node: ChaosNode,
  message: Message<AnswerType | 'NODE_LIVENESS_EXPIRED'>,
  correlationId: string,
  now: number,
): Said {
  if (node.fate !== 'stays') return [];
  node.state = hear(node.state, message);
  if (node.state.status === 'liveness_expired') return begin(node, correlationId, now);
  const { state, says } = acknowledge(node.id, node.state);
  node.state = state;
  return said(node, says);
}

/** The registry asks what it is; answered once, however many copies come. */
export function hearRequest(
  node: ChaosNode,
  request: Message<'REGISTRY_REQUEST_INTROSPECTION'>,
  correlationId: string,
  now: number,
): Said {
  if (node.fate !== 'stays' || node.requestId === request.eventId) return [];
  node.requestId = request.eventId;
  const { state, says } = answerRequest(description(node), node.state, request, correlationId);
  if (state !== node.state) enter(node, state, now);
  return said(node, says);
}

function begin(node: ChaosNode, correlationId: string, now: number): Said {
  const { state, says } = introspect(description(node), correlationId);
  enter(node, state, now);
  return said(node, says);
}

function enter(node: ChaosNode, state: NodeState, now: number): void {
  node.state = state;
  node.beganAt = now;
  node.wasActive = false;
}

function description({ id, index, incarnation, edition }: ChaosNode): PayloadOf<'NODE_INTROSPECTION'> {
  const usual = descriptionOf(id, index, incarnation);
  return { ...usual, metadata: { ...usual.metadata, edition } };
}

function said(node: ChaosNode, says: readonly Saying[]): Said {
  return says.map((saying) => stamped(node.id, saying));
}
