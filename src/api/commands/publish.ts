import { errorText } from '../../messages/index.js';
import type { Bus, Log, OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';

/** Resolves once the record is durable in the log. Throws a `log-unavailable` problem. */
export async function publishRecord(bus: Bus, log: Log, record: OutgoingRecord): Promise<void> {
  try {
    await bus.publish([record]);
  } catch (error) {
    log.warn({ topic: record.topic, error: errorText(error) }, 'the api could not publish a message');
    throw new Problem(
      'log-unavailable',
      'The log does not take messages now. Try again later; /health tells what is missing.',
    );
  }
}
