import { randomUUID } from 'node:crypto';
import { answerRequest, introspect, stamped, type NodeMessageType, type NodeState } from '../client/index.js';
import type { Message, PayloadOf } from '../messages/index.js';
import type { Audited } from './audit.js';

export type SimulatedNode = Audited & {
  readonly index: number;
  readonly incarnation: number;
  /** Of its present workflow: a node that dropped out and was asked to come back begins another one. */
  correlationId: string;
  introspectionId: string;
  readonly former: string[];
  /** When its introspection was due, on the fleet's clock, in ms: what all latencies of the node are counted from. */
  readonly dueAt: number;
  state: NodeState;
  /** The broker has its introspection. */
  sent: boolean;
  ackId: string | undefined;
  acceptedAt: number | undefined;
  ackedAt: number | undefined;
  /** It was active at least once. */
  wasActive: boolean;
  /** The last request to introspect that it answered. */
  requestId: string | undefined;
  /** Cause and reason of its last dead letter. */
  deadLetter: string | undefined;
};

/** Six digits, so that an id never ends in "-" and eight hex digits, which Consul's names treat apart. */
export function nodeIdOf(prefix: string, index: number): string {
  return `${prefix}-${String(index + 1).padStart(6, '0')}`;
}

export type Begun = { readonly node: SimulatedNode; readonly introspection: Message<NodeMessageType> };

/** A node that begins; its introspection is the first thing to send. */
export function begin(id: string, index: number, incarnation: number, dueAt: number): Begun {
  const { state, says } = introspect(descriptionOf(id, index, incarnation), randomUUID());
  const [saying] = says;
  if (saying === undefined) throw new Error('a node begins with its introspection');
  const introspection = stamped(id, saying);
  const node: SimulatedNode = {
    id,
    index,
    incarnation,
    former: [],
    correlationId: state.correlationId,
    introspectionId: introspection.eventId,
    dueAt,
    state,
    sent: false,
    ackId: undefined,
    acceptedAt: undefined,
    ackedAt: undefined,
    wasActive: false,
    requestId: undefined,
    deadLetter: undefined,
    noted: [],
  };
  return { node, introspection };
}

export type Answered = { readonly state: NodeState; readonly introspection: Message<NodeMessageType> | undefined };

/** Answers a request to introspect, once. A new workflow leaves nothing of the one before. */
export function answer(node: SimulatedNode, request: Message<'REGISTRY_REQUEST_INTROSPECTION'>): Answered {
  const nothing = { state: node.state, introspection: undefined };
  if (node.requestId === request.eventId) return nothing;
  node.requestId = request.eventId;
  const description = descriptionOf(node.id, node.index, node.incarnation);
  const { state, says } = answerRequest(description, node.state, request, randomUUID());
  const [saying] = says;
  if (saying === undefined) return nothing;
  const introspection = stamped(node.id, saying);
  if (state.correlationId !== node.correlationId) {
    node.former.push(node.correlationId);
    node.correlationId = state.correlationId;
    node.introspectionId = introspection.eventId;
    node.ackId = undefined;
    node.noted.length = 0;
  }
  return { state, introspection };
}

/** What a usual node says of itself: about 600 bytes. */
export function descriptionOf(nodeId: string, index: number, incarnation: number): PayloadOf<'NODE_INTROSPECTION'> {
  const host = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  return {
    nodeId,
    nodeType: 'effect',
    nodeVersion: '1.4.2',
    capabilities: {
      operations: ['document.read', 'document.write', 'document.search'],
      streaming: true,
      batch: { max_items: 500, max_bytes: 1_048_576 },
      protocols: ['http/1.1', 'h2'],
    },
    endpoints: {
      api: `http://${host}:8080`,
      health: `http://${host}:8080/health`,
      metrics: `http://${host}:9464/metrics`,
    },
    metadata: {
      region: 'eu-central-1',
      zone: `eu-central-1${'abc'[index % 3]}`,
      image: 'registry.example.com/documents/effect:1.4.2',
      host: `worker-${index % 64}`,
      owner: 'team-documents',
    },
    healthEndpoint: `http://${host}:8080/health`,
    reason: 'startup',
    incarnation,
  };
}
