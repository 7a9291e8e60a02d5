import { setTimeout } from 'node:timers/promises';

const STEPS_MS = [200, 500, 1000, 2000, 5000] as const;

/** Milliseconds to wait before the next try; `attempt` counts from 0. */
export function backoffMs(attempt: number): number {
  return STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)] ?? 5000;
}

/** Waits; returns at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
