import { firstCause } from './first-cause.js';
import { backoffMs, pause } from './waiting.js';

type Check = (context: { readonly signal: AbortSignal }) => unknown;
type Verdict = { readonly isReady: true } | { readonly isReady: false; readonly reason: string };

/**
 * Asks until the answer is anything but `false` or an exception, with growing pauses, for `withinMs` (null: as long as it takes), or
 * until the signal aborts. Never rejects: the last reason is a value. A check that does not end by itself is left alone.
 */
export async function untilReady(check: Check, withinMs: number | null, signal: AbortSignal): Promise<Verdict> {
  const over = new AbortController();
  const end = () => over.abort();
  const timer = withinMs === null ? undefined : setTimeout(end, withinMs);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    return await ask(check, over.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    over.abort();
  }
}

async function ask(check: Check, signal: AbortSignal): Promise<Verdict> {
  const aborted = new Promise<typeof ABORTED>((resolve) => {
    signal.addEventListener('abort', () => resolve(ABORTED), { once: true });
  });
  let reason = 'its check gave no answer';
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const answer = await Promise.race([check({ signal }), aborted]);
      if (answer === ABORTED) break;
      if (answer !== false) return { isReady: true };
      reason = 'its check says false';
    } catch (error) {
      reason = firstCause(error);
    }
    await pause(backoffMs(failures), signal);
  }
  return { isReady: false, reason };
}

const ABORTED = Symbol('aborted');
