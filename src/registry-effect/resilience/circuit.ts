import { BrokenCircuitError, circuitBreaker, CircuitState, handleType, retry } from 'cockatiel';
import { BackendFault } from './backend-fault.js';
import { BackendUnavailable } from './backend-unavailable.js';
import { backoff } from './backoff.js';
import type { BreakerState, Resilience } from './resilience-options.js';
import { TrippableBreaker } from './trippable-breaker.js';

/**
 * The one way to a backend: tries again, counts, and stops trying. Closed: a batch is tried `retryAttempts` times, then counts
 * once, however many requests it had. Open (`breakerFailures` in a row, or one refused credential): nothing is sent. After
 * `breakerResetMs` half open: one batch is the probe, the others wait for its end.
 */
export type Circuit = {
  /** Runs `attempt` until it returns; what it has done before it throws a BackendFault it has to remember itself. */
  run<T>(attempt: () => Promise<T>): Promise<T>;
  /** Half open as soon as the next batch would be let through. */
  state(): BreakerState;
};

export function createCircuit(settings: Resilience): Circuit {
  const breaker = new TrippableBreaker(settings.breakerFailures);
  const retrying = retry(
    handleType(BackendFault, (fault) => fault.retried),
    { maxAttempts: settings.retryAttempts - 1, backoff: backoff(settings) },
  );
  const breaking = circuitBreaker(handleType(BackendFault), { halfOpenAfter: settings.breakerResetMs, breaker });
  let openedAt = 0;
  let lastFault: BackendFault | undefined;

  breaking.onStateChange((state) => {
    if (state === CircuitState.Open) openedAt = Date.now();
    settings.onBreakerChange?.(nameOf(state));
  });

  async function observed<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof BackendFault) {
        lastFault = error;
        if (!error.retried) breaker.trip();
        settings.onError?.(error.code, error.message);
      }
      throw error;
    }
  }

  function mayTry(): boolean {
    return breaking.state === CircuitState.Open && Date.now() >= openedAt + settings.breakerResetMs;
  }

  function unavailable({ code, message }: BackendFault): BackendUnavailable {
    const open = breaking.state !== CircuitState.Closed;
    const retryAfterMs = open ? Math.max(1, openedAt + settings.breakerResetMs - Date.now()) : settings.pauseMs;
    return new BackendUnavailable(code, retryAfterMs, open ? `breaker open: ${message}` : message);
  }

  return {
    // Without anything to send nobody tries it: the breaker itself would stay open however long the backend has been back.
    state: () => (mayTry() ? 'half_open' : nameOf(breaking.state)),
    async run(attempt) {
      try {
        return await breaking.execute(() => retrying.execute(() => observed(attempt)));
      } catch (error) {
        if (error instanceof BackendFault) throw unavailable(error);
        if (error instanceof BrokenCircuitError && lastFault !== undefined) throw unavailable(lastFault);
        throw error;
      }
    },
  };
}

function nameOf(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return 'closed';
    case CircuitState.HalfOpen:
      return 'half_open';
    case CircuitState.Open:
    case CircuitState.Isolated:
      return 'open';
  }
}
