import { decode, type DeadLetterCause, type Input, type Message } from '../../messages/index.js';
import { deadLetterOf } from './dead-letters.js';
import type { Author, Notary } from '../signatures/notary.js';
import type { Spanned } from '../tracing/tracing.js';
import type { LogRecord, OutgoingRecord } from './lane.js';
import type { Authorship } from './step.js';

/** A message to decide on; `text` is the value as it came. What follows from it carries its trace headers on. */
export type Decidable = Spanned & {
  readonly message: Input;
  readonly text: string;
  readonly traceparent: string | undefined;
  readonly tracestate?: string | undefined;
  /** Absent where nobody looks who has signed it. */
  readonly authorship?: Authorship | undefined;
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

/** Who looks at signatures, and is told of those that are none. */
export type Witness = Pick<Notary, 'authorOf' | 'mode'> & { readonly onWrong: (message: Message, why: string) => void };

/**
 * Reads a record, or says what of it is a dead letter. `refusalOf` says what of a message the component does not consume; without a
 * witness nobody looks at signatures.
 */
export function readRecord(record: LogRecord, refusalOf: (message: Message) => string | null, witness?: Witness): Read {
  const decoded = decode(record.topic, record);
  if (!decoded.ok) return decoded;
  const { message, text } = decoded;
  const refusal = refusalOf(message);
  if (refusal !== null) return { ok: false, cause: 'unrouted', reason: refusal };
  const authorship = witness && authorshipOf(record, message, witness);
  if (authorship !== undefined && 'wrong' in authorship) {
    return { ok: false, cause: 'malformed', reason: authorship.wrong };
  }
  return {
    ok: true,
    message: { ...message, appendedAt: record.appendedAt },
    text,
    authorship,
    ...traceHeadersOf(record.headers),
  };
}

/** A signature that is none: in mode warn as good as no signature, and told all the same. */
export function authorshipOf(record: LogRecord, message: Message, witness: Witness): Author | undefined {
  const author = witness.authorOf(record);
  if (author === undefined || !('wrong' in author)) return author;
  witness.onWrong(message, author.wrong);
  return witness.mode === 'required' ? author : { mode: witness.mode, signedBy: null };
}

/** What a record says of its trace; a header that came twice says nothing. */
export function traceHeadersOf({
  traceparent,
  tracestate,
}: LogRecord['headers']): Pick<Decidable, 'traceparent' | 'tracestate'> {
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}

/** Reads a batch: what can be read goes on, what cannot becomes a dead letter. */
export function takeIn(
  records: readonly LogRecord[],
  refusalOf: (message: Message, record: LogRecord) => string | null,
  registryId: string,
  witness?: Witness,
): Intake {
  const received: Received[] = [];
  const deadLetters: OutgoingRecord[] = [];
  for (const record of records) {
    const read = readRecord(record, (message) => refusalOf(message, record), witness);
    if (!read.ok) deadLetters.push(deadLetterOf(record, read.cause, read.reason, registryId));
    else {
      const { message, text, traceparent, tracestate, authorship } = read;
      received.push({ record, message, text, traceparent, tracestate, authorship });
    }
  }
  return { received, deadLetters };
}
