import type { Deregistration, Operation, StartedOperation } from '../../api-answers/answers.js';
import { call } from './call.js';

/** A key for each command that a person gives: a click that is sent twice is one command. */
function once(): Readonly<Record<string, string>> {
  return { 'idempotency-key': `console-${crypto.randomUUID()}` };
}

/** The id of the operation to ask for. */
export async function registerNode(body: Readonly<Record<string, unknown>>): Promise<string> {
  return (await call<StartedOperation>('/v1/nodes', { method: 'POST', body, headers: once() })).body.operationId;
}

/** The id of the operation; null for a node that has left already. */
export async function deregisterNode(nodeId: string, reason: string): Promise<string | null> {
  const query = reason === '' ? '' : `?reason=${encodeURIComponent(reason)}`;
  const path = `/v1/nodes/${encodeURIComponent(nodeId)}${query}`;
  return (await call<StartedOperation | Deregistration>(path, { method: 'DELETE', headers: once() })).body.operationId;
}

export async function readOperation(id: string, signal: AbortSignal): Promise<Operation> {
  return (await call<Operation>(`/v1/operations/${encodeURIComponent(id)}`, { signal })).body;
}
