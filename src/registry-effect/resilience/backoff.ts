import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel';
import type { Resilience } from './resilience-options.js';

/** Doubled pauses, each between its half and its whole, so that replicas do not come back in step. */
export function backoff({ retryBaseMs, retryMaxMs }: Resilience): ExponentialBackoff<number> {
  return new ExponentialBackoff({ generator: halfJitterGenerator, initialDelay: retryBaseMs, maxDelay: retryMaxMs });
}
