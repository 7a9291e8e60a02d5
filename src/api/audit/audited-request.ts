import type { FastifyRequest } from 'fastify';

/** The entry of a request in the audit, while it is under way. */
export type AuditedRequest = {
  readonly id: string;
  /** What came of it: an operation, an event, a repair. */
  resultId: string | null;
};

/** Notes in the audit what a command came to: the id by which it can be asked for. */
export function noteResult({ audited }: FastifyRequest, resultId: string | null): void {
  if (audited !== null) audited.resultId = resultId;
}
