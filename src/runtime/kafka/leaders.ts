import { setTimeout } from 'node:timers/promises';

const PAUSE_MS = 100;
const NO_LEADER_YET = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];

/**
 * The outcome of the work, done again while a broker says "not the leader", as it may for a moment after a topic was made, and while a
 * partition moves. Rejects with that once `patienceMs` are over, and with any other error at once.
 */
export async function onceLed<T>(work: () => Promise<T>, patienceMs: number): Promise<T> {
  for (const until = performance.now() + patienceMs; ; await setTimeout(PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() >= until || !NO_LEADER_YET.includes(errorType(error))) throw error;
    }
  }
}

/** Kafka's name of the error, or of what is under it: kafkajs puts its own "tried so often" around it. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'type' in error ? String(error.type) : errorType(error.cause);
}
