import type { FleetSilence } from '../journal/due-deadlines.js';
import type { Timings } from '../lanes/step.js';

export type MassExpiryOptions = {
  /** More than this part (0-1) of the fleet within one window is no coincidence. */
  readonly share: number;
  /** Fewer nodes than this are never held back. */
  readonly minNodes: number;
};

export type Verdict = { readonly hold: boolean; readonly expiring: number; readonly live: number };

/**
 * Whether so much of the fleet falls silent at once that the fault is rather between it and us. Counts those that expired within
 * the last window and those that are about to: silent for two intervals, which no talking node is. So the many whose silence
 * began together are seen before the first of them expires.
 */
export function judgeMassExpiry({ live, silent, expired }: FleetSilence, options: MassExpiryOptions): Verdict {
  const expiring = silent + expired;
  const fleet = live + expired;
  // A quotient, as the share is one: where both are the same number, so are their roundings.
  return { hold: expiring >= options.minNodes && expiring / fleet > options.share, expiring, live: fleet };
}

/**
 * Whether so little can be silent that an exact count would not hold anything back: half of the allowed share, as the size of the
 * fleet was counted a while ago, too.
 */
export function isHarmless(atMost: FleetSilence, { share, minNodes }: MassExpiryOptions): boolean {
  return atMost.silent + atMost.expired < minNodes || !judgeMassExpiry(atMost, { share: share / 2, minNodes }).hold;
}

/** What is left of its window, as a share, when a node has missed two beats. */
export function remainingShareOfSilent({ heartbeatIntervalMs, livenessWindowMs }: Timings): number {
  return Math.max(0, 1 - (2 * heartbeatIntervalMs) / livenessWindowMs);
}
