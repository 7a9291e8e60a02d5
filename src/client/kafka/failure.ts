import kafkajs from 'kafkajs';

// Node does not see these two among the named exports of this CommonJS module.
const { KafkaJSError, KafkaJSNumberOfRetriesExceeded } = kafkajs;

/** Will the same call succeed once the broker is well again? kafkajs marks its own "tried five times" as not retriable. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KafkaJSNumberOfRetriesExceeded) return true;
  if (error instanceof KafkaJSError) return error.retriable || (error.cause != null && isTransient(error.cause));
  return false;
}
