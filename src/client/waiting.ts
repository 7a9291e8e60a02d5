import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * How long to wait before attempt number `failures` + 1, milliseconds: doubled each time up to `longestMs`, half of it by chance, so
 * that many do not come at once.
 */
export function backoffMs(failures: number, firstMs = FIRST_MS, longestMs = LONGEST_MS): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
  return full / 2 + (Math.random() * full) / 2;
}

/** Ends early, and without an error, when the signal does. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
