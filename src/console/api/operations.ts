import { call } from './call.js';

export type OperationStep = {
  readonly eventType: string;
  readonly rule: string;
  readonly path: string;
  readonly occurredAt: string;
};

/** A command, and what became of it. */
export type Operation = {
  readonly id: string;
  readonly kind: 'register' | 'deregister';
  readonly nodeId: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly reason?: string;
  readonly steps: readonly OperationStep[];
};

/** Null where there was nothing to do. */
type Started = { readonly operationId: string | null };

/** A key for each command that a person gives: a click that is sent twice is one command. */
function once(): Readonly<Record<string, string>> {
  return { 'idempotency-key': `console-${crypto.randomUUID()}` };
}

/** The id of the operation to ask for. */
export async function registerNode(body: Readonly<Record<string, unknown>>): Promise<string> {
  const started = await call<Started>('/v1/nodes', { method: 'POST', body, headers: once() });
  if (started.body.operationId === null) throw new Error('the registry named no operation');
  return started.body.operationId;
}

/** The id of the operation; null for a node that has left already. */
export async function deregisterNode(nodeId: string, reason: string): Promise<string | null> {
  const query = reason === '' ? '' : `?reason=${encodeURIComponent(reason)}`;
  const path = `/v1/nodes/${encodeURIComponent(nodeId)}${query}`;
  return (await call<Started>(path, { method: 'DELETE', headers: once() })).body.operationId;
}

export async function readOperation(id: string, signal: AbortSignal): Promise<Operation> {
  return (await call<Operation>(`/v1/operations/${encodeURIComponent(id)}`, { signal })).body;
}
