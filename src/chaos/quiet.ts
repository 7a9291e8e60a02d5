import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../messages/index.js';

export type Quiet = {
  /** What is still to happen, in words; empty: nothing. An exception is taken for "still to happen", too. */
  readonly pending: () => Promise<readonly string[]>;
  readonly withinMs: number;
  /** Told from time to time of what is pending. */
  readonly progress: (pending: readonly string[]) => void;
  readonly signal: AbortSignal;
};

const LOOK_EVERY_MS = 500;
const PROGRESS_EVERY_MS = 5000;
/** So many looks in a row have to find nothing: between two things that happen there may be a moment of rest. */
const LOOKS = 3;

/** Waits until nothing is pending. Gives what still was when the time was over; empty: it came to rest. */
export async function untilQuiet({ pending, withinMs, progress, signal }: Quiet): Promise<readonly string[]> {
  const end = Date.now() + withinMs;
  let toldAt = Date.now();
  for (let quiet = 0; ;) {
    const found = await pending().catch((error: unknown) => [errorText(error)]);
    quiet = found.length === 0 ? quiet + 1 : 0;
    if (quiet === LOOKS) return [];
    if (Date.now() > end && found.length > 0) return found;
    if (found.length > 0 && Date.now() - toldAt > PROGRESS_EVERY_MS) {
      toldAt = Date.now();
      progress(found);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
