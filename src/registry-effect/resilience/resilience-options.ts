import type { ErrorCode } from './error-codes.js';

export type BreakerState = 'closed' | 'open' | 'half_open';

export type ResilienceOptions = {
  /** One request, its wait for a connection included. */
  readonly requestTimeoutMs?: number;
  /** Tries of a batch while the backend does not serve. */
  readonly retryAttempts?: number;
  /** Pause before the second try; doubled for each further one, with jitter. */
  readonly retryBaseMs?: number;
  readonly retryMaxMs?: number;
  /** Tries of one intent, alone, that fails for reasons nobody knows. */
  readonly unknownAttempts?: number;
  /** Exhausted sequences of tries in a row that open the breaker. */
  readonly breakerFailures?: number;
  /** How long the breaker stays open before one probe is let through. */
  readonly breakerResetMs?: number;
  /** What the caller is told to wait after an exhausted sequence that did not open the breaker. */
  readonly pauseMs?: number;
  readonly onBreakerChange?: (state: BreakerState) => void;
  /** Every failed try of a batch and every intent that fails for good. The message is redacted. */
  readonly onError?: (code: ErrorCode, message: string) => void;
};

type Callbacks = 'onBreakerChange' | 'onError';
export type Resilience = Required<Omit<ResilienceOptions, Callbacks>> & Pick<ResilienceOptions, Callbacks>;

const DEFAULTS = {
  requestTimeoutMs: 5_000,
  retryAttempts: 3,
  retryBaseMs: 100,
  retryMaxMs: 5_000,
  unknownAttempts: 5,
  breakerFailures: 5,
  breakerResetMs: 60_000,
  pauseMs: 1_000,
} as const;

export function withDefaults(options: ResilienceOptions): Resilience {
  return { ...DEFAULTS, ...options };
}
