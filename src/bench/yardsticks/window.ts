import type { Bench, CpuSeconds } from '../scenario.js';
import { cpuBetween } from '../usage/usage.js';

/** A measured stretch of time. */
export type Window = { readonly operations: number; readonly seconds: number; readonly cpu: CpuSeconds };

/**
 * Lets a loop work, and measures it once it is warm. `work` goes on until `isOver` and counts by `done`; what is done during the warm-up does
 * not count.
 */
export async function measured(
  { usage, signal }: Bench,
  times: { readonly warmUpMs: number; readonly windowMs: number },
  work: (done: (operations: number) => void, isOver: () => boolean) => Promise<void>,
): Promise<Window> {
  const from = performance.now() + times.warmUpMs;
  let operations = 0;
  let start: { readonly at: number; readonly cpu: CpuSeconds; readonly operations: number } | undefined;
  let window: Window | undefined;
  const look = (): void => {
    const now = performance.now();
    if (start === undefined && now >= from) start = { at: now, cpu: usage.cpu(), operations };
    if (start !== undefined && window === undefined && now - start.at >= times.windowMs) {
      window = {
        operations: operations - start.operations,
        seconds: (now - start.at) / 1000,
        cpu: cpuBetween(start.cpu, usage.cpu()),
      };
    }
  };
  await work(
    (count) => {
      operations += count;
      look();
    },
    () => window !== undefined || signal.aborted,
  );
  signal.throwIfAborted();
  if (window === undefined) throw new Error('the loop ended before its time');
  return window;
}
