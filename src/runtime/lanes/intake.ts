import { decode, type DeadLetterCause, type Input, type Message } from '../../messages/index.js';
import { deadLetterOf } from './dead-letters.js';
import type { LogRecord, OutgoingRecord } from './lane.js';

/** A message to decide on; `text` is the value as it came. */
export type Decidable = {
  readonly message: Input;
  readonly text: string;
  readonly traceparent: string | undefined;
};

/** The same with the record that it came in. */
export type Received = Decidable & {
  readonly record: LogRecord;
  /** Nobody waits for what follows from it. */
  readonly isPatient?: boolean;
};

export type Intake = { readonly received: readonly Received[]; readonly deadLetters: readonly OutgoingRecord[] };

type Read =
  | (Decidable & { readonly ok: true })
  | { readonly ok: false; readonly cause: DeadLetterCause; readonly reason: string };

/** Reads a record, or says what of it is a dead letter. `refusalOf` says what of a message the component does not consume. */
export function readRecord(record: LogRecord, refusalOf: (message: Message) => string | null): Read {
  const decoded = decode(record.topic, record);
  if (!decoded.ok) return decoded;
  const { message, text } = decoded;
  const refusal = refusalOf(message);
  if (refusal !== null) return { ok: false, cause: 'unrouted', reason: refusal };
  const { traceparent } = record.headers;
  return {
    ok: true,
    message: { ...message, appendedAt: record.appendedAt },
    text,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  };
}

/** Reads a batch: what can be read goes on, what cannot becomes a dead letter. */
export function takeIn(
  records: readonly LogRecord[],
  refusalOf: (message: Message, record: LogRecord) => string | null,
  registryId: string,
): Intake {
  const received: Received[] = [];
  const deadLetters: OutgoingRecord[] = [];
  for (const record of records) {
    const read = readRecord(record, (message) => refusalOf(message, record));
    if (read.ok) received.push({ record, message: read.message, text: read.text, traceparent: read.traceparent });
    else deadLetters.push(deadLetterOf(record, read.cause, read.reason, registryId));
  }
  return { received, deadLetters };
}
