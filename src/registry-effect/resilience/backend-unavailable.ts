import type { UnavailableCode } from './error-codes.js';

/**
 * The backend could not be reached (all retries spent, or its breaker is open). No intent is at fault: pause the partitions,
 * commit nothing, and apply the batch again after `retryAfterMs`. The message is redacted.
 */
export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable';

  constructor(
    readonly code: UnavailableCode,
    readonly retryAfterMs: number,
    message: string,
  ) {
    super(message);
  }
}
