import { setTimeout as sleep } from 'node:timers/promises';

type Patience = { readonly withinMs: number; readonly everyMs: number; readonly signal: AbortSignal };

/** Asks again and again until it is so; rejects with `otherwise()` when that takes too long. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  otherwise: () => string,
  { withinMs, everyMs, signal }: Patience,
): Promise<void> {
  for (const end = performance.now() + withinMs; !(await isSo()); await sleep(everyMs, undefined, { signal })) {
    if (performance.now() > end) throw new Error(`${otherwise()} (waited for ${withinMs / 1000} s)`);
  }
}
