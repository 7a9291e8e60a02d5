import type { Explanation, Node, NodeBackends, NodeStepPage } from '../../api-answers/answers.js';
import { call } from './call.js';

/** The resource of a node, or one below it; with the moment, where it is of the past. */
function resource(nodeId: string, below = '', asOf: string | null = null): string {
  const moment = asOf === null ? '' : `?asOf=${encodeURIComponent(asOf)}`;
  return `/v1/nodes/${encodeURIComponent(nodeId)}${below}${moment}`;
}

export async function readNode(nodeId: string, asOf: string | null, signal: AbortSignal): Promise<Node> {
  return (await call<Node>(resource(nodeId, '', asOf), { signal })).body;
}

export async function explainNode(nodeId: string, asOf: string | null, signal: AbortSignal): Promise<Explanation> {
  return (await call<Explanation>(resource(nodeId, '/explain', asOf), { signal })).body;
}

export async function readBackends(nodeId: string, signal: AbortSignal): Promise<NodeBackends> {
  return (await call<NodeBackends>(resource(nodeId, '/backends'), { signal })).body;
}

const STEPS_PAGE = 20;

/** The newest first. */
export async function readSteps(nodeId: string, cursor: string | null, signal: AbortSignal): Promise<NodeStepPage> {
  const place = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return (await call<NodeStepPage>(`${resource(nodeId, '/steps')}?limit=${STEPS_PAGE}${place}`, { signal })).body;
}

/** Asks the node to say what it is; without an id, all of them. */
export async function requestIntrospection(targetNodeId: string | null): Promise<void> {
  await call('/v1/introspection-requests', { method: 'POST', body: targetNodeId === null ? {} : { targetNodeId } });
}
