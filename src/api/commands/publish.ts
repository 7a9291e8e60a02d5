import { errorText } from '../../messages/index.js';
import type { Bus, Log, OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';

/** Resolves once the record is durable in the log. Throws a `log-unavailable` problem. */
export function publishRecord(bus: Bus, log: Log, record: OutgoingRecord): Promise<void> {
  return publishRecords(bus, log, [record]);
}

/** The same of what the registry itself says: its command. */
export function publishCommand(bus: Bus, log: Log, record: OutgoingRecord): Promise<void> {
  return publishRecords(bus, log, [record], 'registry');
}

/** The same for several, in their order; where it throws, some of them may be in the log. */
export async function publishRecords(
  bus: Bus,
  log: Log,
  records: readonly OutgoingRecord[],
  ...as: readonly ['registry'?]
): Promise<void> {
  try {
    await bus.publish(records, ...as);
  } catch (error) {
    log.warn({ topic: records[0]?.topic, error: errorText(error) }, 'the api could not publish a message');
    throw new Problem(
      'log-unavailable',
      'The log does not take messages now. Try again later; /health tells what is missing.',
    );
  }
}
