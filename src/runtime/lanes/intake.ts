import { decode, type Input, type Message } from '../../messages/index.js';
import { deadLetterOf } from './dead-letters.js';
import type { LogRecord, OutgoingRecord } from './lane.js';

/** A message to decide on; `text` is the value as it came. */
export type Decidable = {
  readonly message: Input;
  readonly text: string;
  readonly traceparent: string | undefined;
};

/** The same with the record that it came in. */
export type Received = Decidable & { readonly record: LogRecord };

export type Intake = { readonly received: readonly Received[]; readonly deadLetters: readonly OutgoingRecord[] };

/** Reads a batch: what can be read goes on, what cannot becomes a dead letter. `accepts` says what the component consumes. */
export function takeIn(
  records: readonly LogRecord[],
  accepts: (message: Message, record: LogRecord) => string | null,
  registryId: string,
): Intake {
  const received: Received[] = [];
  const deadLetters: OutgoingRecord[] = [];
  for (const record of records) {
    const decoded = decode(record.topic, record);
    if (!decoded.ok) {
      deadLetters.push(deadLetterOf(record, decoded.cause, decoded.reason, registryId));
      continue;
    }
    const refusal = accepts(decoded.message, record);
    if (refusal !== null) {
      deadLetters.push(deadLetterOf(record, 'unrouted', refusal, registryId));
      continue;
    }
    const { traceparent } = record.headers;
    received.push({
      record,
      message: { ...decoded.message, appendedAt: record.appendedAt },
      text: decoded.text,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    });
  }
  return { received, deadLetters };
}
