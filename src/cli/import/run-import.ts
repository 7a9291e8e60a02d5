import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exit.js';
import { RegistryRefusal, RegistryUnreachable } from '../registry/failures.js';
import type { Registry } from '../registry/registry.js';
import type { Planned } from './plan.js';

export type Imported = {
  readonly nodeId: string;
  /** `pending`: in the registry's log, and not decided within the time to wait. */
  readonly outcome: 'registered' | 'partial' | 'pending' | 'failed';
  readonly reason: string | null;
};

export type ImportRun = {
  readonly concurrency: number;
  readonly waitSeconds: number;
  /** No further node is begun; those in hand are finished. */
  readonly signal: AbortSignal;
  readonly settled: (imported: Imported) => Promise<void>;
};

/** A registry that has no room, or is away for a moment, is tried again so often. */
const TRIES = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_S = 30;

/**
 * Registers what was planned, some at a time. Each request carries a key that follows from its content, so whoever was interrupted just
 * imports the file again: what is there is answered at once. Throws what keeps all of them from being registered: no registry, no token.
 */
export async function runImport(registry: Registry, planned: readonly Planned[], run: ImportRun): Promise<void> {
  const left = planned.values();
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const worker = async (): Promise<void> => {
    try {
      for (const one of left) {
        if (signal.aborted) return;
        await run.settled(await register(registry, one, run.waitSeconds, signal));
      }
    } catch (error) {
      stop.abort();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: run.concurrency }, worker));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

type Answered = { readonly status?: 'success' | 'partial' | 'failed'; readonly reason?: string };

async function register(
  registry: Registry,
  { body, idempotencyKey }: Planned,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<Imported> {
  const { nodeId } = body;
  const headers = { 'idempotency-key': idempotencyKey };
  for (let tries = 1; ; tries += 1) {
    try {
      const request = { method: 'POST', path: '/v1/nodes', body, headers, waitSeconds } as const;
      const { body: answer } = await registry.ask<Answered>(request);
      return { nodeId, outcome: outcomeOf(answer.status), reason: answer.reason ?? null };
    } catch (error) {
      const isPassing = mayPass(error) && tries < TRIES && !signal.aborted;
      if (isPassing) await sleep(pauseMs(error, tries), undefined, { signal }).catch(() => undefined);
      else if (error instanceof RegistryRefusal && error.code === EXIT.refused) {
        return { nodeId, outcome: 'failed', reason: reasonOf(error) };
      } else throw error;
    }
  }
}

function outcomeOf(status: Answered['status']): Imported['outcome'] {
  return status === 'success' ? 'registered' : (status ?? 'pending');
}

/** Away, full, or busy with the first request of this very key. */
function mayPass(error: unknown): boolean {
  if (error instanceof RegistryUnreachable) return true;
  return error instanceof RegistryRefusal && (error.code === EXIT.unavailable || isInUse(error));
}

function isInUse({ problem: { type = '' } }: RegistryRefusal): boolean {
  return type.endsWith('/idempotency-key-in-use');
}

function pauseMs(error: unknown, tries: number): number {
  const asked = error instanceof RegistryRefusal ? error.retryAfterSeconds : null;
  return asked === null ? FIRST_PAUSE_MS * 2 ** (tries - 1) : Math.min(asked, LONGEST_PAUSE_S) * 1000;
}

function reasonOf({ problem: { detail, title, errors = [] } }: RegistryRefusal): string {
  const fields = errors.map(({ field, message }) => `${field} ${message}`);
  return [detail ?? title ?? 'refused', ...fields].join('; ');
}
