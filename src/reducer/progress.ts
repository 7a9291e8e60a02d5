import type { Output } from '../messages/catalogue.js';
import type { Backend, BackendState, ReducerState, Request } from './state.js';

type Report = Output<'REGISTRATION_PARTIAL' | 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED'>;

const BACKENDS: readonly Backend[] = ['consul', 'postgres'];

/** Tells the orchestrator what it does not know yet of its open requests; what is fulfilled is closed. */
export function report(state: ReducerState, nodeId: string): { state: ReducerState; outputs: readonly Report[] } {
  const outputs: Report[] = [];
  const open: Request[] = [];
  for (const request of state.open) {
    const { message, next } = progressOf(state, request, nodeId);
    if (message !== null) outputs.push(message);
    if (next !== null) open.push(next);
  }
  return { state: { ...state, open }, outputs };
}

/** A request is fulfilled by its own revision or any later one. */
function progressOf(
  state: ReducerState,
  request: Request,
  nodeId: string,
): { message: Report | null; next: Request | null } {
  const confirmed = BACKENDS.filter((backend) => state[backend].confirmed >= request.revision);
  const failed = BACKENDS.filter((backend) => hasFailed(state[backend], request.revision));
  if (confirmed.length === BACKENDS.length) return { message: completion(nodeId, request), next: null };
  const pending = BACKENDS.filter((backend) => !confirmed.includes(backend) && !failed.includes(backend));
  if (pending.length === 0) {
    if (request.reported === 'failed') return { message: null, next: request };
    const errors = failed.map((backend) => errorOf(backend, state[backend]));
    return {
      message: { eventType: 'REGISTRATION_FAILED', payload: payloadOf(nodeId, request, confirmed, pending, errors) },
      next: { ...request, reported: 'failed' },
    };
  }
  if (confirmed.length === 0 || request.reported !== 'nothing') return { message: null, next: request };
  return {
    message: { eventType: 'REGISTRATION_PARTIAL', payload: payloadOf(nodeId, request, confirmed, pending, []) },
    next: { ...request, reported: 'partial' },
  };
}

export function completion(nodeId: string, request: Request): Output<'REGISTRATION_COMPLETED'> {
  return { eventType: 'REGISTRATION_COMPLETED', payload: payloadOf(nodeId, request, BACKENDS, [], []) };
}

function payloadOf(
  nodeId: string,
  { attemptId, workflowVersion, kind, revision }: Request,
  confirmed: readonly Backend[],
  pending: readonly Backend[],
  errors: Report['payload']['errors'],
): Report['payload'] {
  return { nodeId, attemptId, workflowVersion, kind, revision, confirmed, pending, errors };
}

function hasFailed({ confirmed, failure }: BackendState, revision: number): boolean {
  return confirmed < revision && failure !== null && failure.revision >= revision;
}

function errorOf(backend: Backend, { failure }: BackendState) {
  return { backend, errorCode: failure?.code ?? '', errorMessage: failure?.message ?? '' };
}
