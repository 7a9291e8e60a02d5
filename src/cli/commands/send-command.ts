import { EXIT, type ExitCode } from '../exit.js';
import { harmless } from '../output/text-width.js';
import { awaitOperation } from '../registry/await-operation.js';
import type { Request } from '../registry/registry.js';
import type { Session } from '../session.js';

export type Sent = {
  readonly nodeId: string;
  /** What the node is when it is done, in words. */
  readonly done: string;
  readonly waitSeconds: number;
  readonly request: Request;
};

/** What `register` and `deregister` print with `--json`, whichever way the answer came. */
export type CommandOutcome = {
  readonly nodeId: string;
  /** Null where nothing had to be done. */
  readonly operationId: string | null;
  /** `partial`: registered, and a backend is still pending. */
  readonly status: 'success' | 'partial' | 'failed' | 'pending';
  readonly reason: string | null;
};

/** The fields of the API's answers that say how it went. */
type Answered = {
  readonly operationId: string | null;
  readonly status?: 'success' | 'partial' | 'failed';
  readonly reason?: string;
};

/** Sends a command, waits for what becomes of it, and says so. */
export async function sendCommand({ registry, screen }: Session, sent: Sent): Promise<ExitCode> {
  const { nodeId, done, waitSeconds, request } = sent;
  const end = Date.now() + waitSeconds * 1000;
  const { body } = await registry.ask<Answered>({ ...request, waitSeconds });
  let outcome = outcomeOf(nodeId, body);
  // The time was longer than the API lets a request wait, or too many wait there already.
  if (outcome.status === 'pending' && waitSeconds > 0 && outcome.operationId !== null) {
    const { status, reason } = await awaitOperation(registry, outcome.operationId, end);
    outcome = { ...outcome, status: status === 'succeeded' ? 'success' : status, reason: reason ?? null };
  }
  await screen.document(outcome, [lineOf(outcome, done, waitSeconds > 0)]);
  return CODES[outcome.status](waitSeconds);
}

/** Who does not wait is content with having it sent. */
const CODES: Readonly<Record<CommandOutcome['status'], (waitSeconds: number) => ExitCode>> = {
  success: () => EXIT.ok,
  partial: () => EXIT.ok,
  failed: () => EXIT.refused,
  pending: (waitSeconds) => (waitSeconds > 0 ? EXIT.unfinished : EXIT.ok),
};

function outcomeOf(nodeId: string, { operationId, status, reason }: Answered): CommandOutcome {
  return { nodeId, operationId, status: status ?? 'pending', reason: reason ?? null };
}

function lineOf({ nodeId, operationId, status, reason }: CommandOutcome, done: string, waited: boolean): string {
  const node = harmless(nodeId);
  const later = `rollcall operations get ${String(operationId)} --wait 30 tells what becomes of it`;
  switch (status) {
    case 'success':
      return `${node} ${done}${operationId === null ? ' already' : ''}`;
    case 'partial':
      return `${node} ${done}; one of the two backends does not have it yet, and gets it by itself`;
    case 'failed':
      return `${node}: it failed: ${harmless(reason ?? 'no reason was given')}\n  rollcall nodes explain ${node} tells more`;
    case 'pending':
      return `${node}: ${waited ? 'not decided yet' : 'sent'}; ${later}`;
  }
}
