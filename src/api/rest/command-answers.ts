import type { Ran } from '../commands/command-runner.js';
import type { Operation } from '../read/operation-store.js';
import type { Outcome } from '../commands/outcome.js';
import type { WorkflowStep } from '../read/workflow-steps.js';

/** The JSON that commands and operations are answered with; rest/documents.ts has the schemas. */
export type StartedDocument = { readonly operationId: string };

export type RegistrationDocument = {
  readonly operationId: string;
  /** `partial`: registered, and a backend is still pending. */
  readonly status: 'success' | 'partial' | 'failed';
  readonly reason?: string;
  /** Null where the command failed. */
  readonly registeredNodeId: string | null;
  readonly consulRegistered: boolean;
  readonly postgresRegistered: boolean;
  /** From the request to the step that settled it. */
  readonly registrationTimeMs: number;
};

export type DeregistrationDocument = {
  /** Null where nothing had to be done. */
  readonly operationId: string | null;
  readonly status: 'success' | 'failed';
  readonly reason?: string;
  readonly nodeId: string;
  /** Of the node when it was settled. */
  readonly state: string;
};

export type OperationDocument = Pick<Operation, 'id' | 'kind' | 'nodeId'> & {
  readonly status: Outcome['status'];
  readonly reason?: string;
  readonly steps: readonly Pick<WorkflowStep, 'eventType' | 'rule' | 'path' | 'occurredAt'>[];
};

export function registered({ operation, outcome }: Ran): RegistrationDocument {
  const last = outcome.steps.at(-1);
  const { consulRegistered = false, postgresRegistered = false } = last ?? {};
  const complete = consulRegistered && postgresRegistered;
  return {
    operationId: operation.id,
    status: outcome.status === 'failed' ? 'failed' : complete ? 'success' : 'partial',
    ...reasonOf(outcome),
    registeredNodeId: outcome.status === 'failed' ? null : operation.nodeId,
    consulRegistered,
    postgresRegistered,
    registrationTimeMs: Math.max(0, (last?.recordedAt ?? operation.createdAt) - operation.createdAt),
  };
}

export function deregistered({ operation, outcome }: Ran): DeregistrationDocument {
  return {
    operationId: operation.id,
    status: outcome.status === 'failed' ? 'failed' : 'success',
    ...reasonOf(outcome),
    nodeId: operation.nodeId,
    state: outcome.steps.at(-1)?.toStatus ?? 'deregistering',
  };
}

export function operationDocument({ id, kind, nodeId }: Operation, outcome: Outcome): OperationDocument {
  const steps = outcome.steps.map(({ eventType, rule, path, occurredAt }) => ({ eventType, rule, path, occurredAt }));
  return { id, kind, nodeId, status: outcome.status, ...reasonOf(outcome), steps };
}

function reasonOf(outcome: Outcome): { readonly reason?: string } {
  return outcome.status === 'failed' ? { reason: outcome.reason } : {};
}
