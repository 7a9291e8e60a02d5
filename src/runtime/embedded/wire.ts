/** The little of PostgreSQL's protocol (version 3) that serving it needs. Messages: a letter, a length, a body. */

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const PROTOCOL_3 = 3;

/** What a client says before it is connected: it has no letter. */
export type Greeting = 'encryption' | 'startup' | 'other';

export function greetingOf(message: Buffer): Greeting {
  const code = message.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return 'encryption';
  return code >> 16 === PROTOCOL_3 ? 'startup' : 'other';
}

/** After these PostgreSQL answers, and waits for more: Query, Sync, Flush, function call, Terminate. */
const ANSWERED = new Set('QSHFX'.split('').map((letter) => letter.charCodeAt(0)));

/** Longer than any message that this program sends; a client that speaks something else would fill the memory. Bytes. */
const MAX_MESSAGE_BYTES = 512 * 1024 * 1024;

/** Puts the chunks of a socket together to whole messages. */
export class MessageBuffer {
  private chunks: Buffer[] = [];
  private bytes = 0;
  /** Bytes that have to be there before looking again makes sense. */
  private wanted = 0;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** The greeting, or null while it is incomplete. */
  takeGreeting(): Buffer | null {
    const all = this.together();
    if (all.length < 8) return null;
    const length = checked(all.readInt32BE(0));
    return all.length < length ? null : this.take(all, length);
  }

  /**
   * All messages up to the last that PostgreSQL answers: a statement reaches it whole or not at all, whenever the client
   * goes. Null while there is none.
   */
  takeMessages(): Buffer | null {
    if (this.bytes < this.wanted) return null;
    const all = this.together();
    let end = 0;
    let at = 0;
    this.wanted = 0;
    while (this.wanted === 0) {
      if (at + 5 > all.length) {
        this.wanted = at + 5;
        break;
      }
      const next = at + 1 + checked(all.readInt32BE(at + 1));
      if (next > all.length) this.wanted = next;
      else {
        if (ANSWERED.has(all.readUInt8(at))) end = next;
        at = next;
      }
    }
    if (end === 0) return null;
    this.wanted -= end;
    return this.take(all, end);
  }

  private together(): Buffer {
    const all = this.chunks.length === 1 ? this.chunks[0] : undefined;
    if (all !== undefined) return all;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }

  private take(all: Buffer, length: number): Buffer {
    this.chunks = all.length > length ? [all.subarray(length)] : [];
    this.bytes = all.length - length;
    return all.subarray(0, length);
  }
}

/** Whether the last of these messages is the client's farewell. */
export function endsSession(messages: Buffer): boolean {
  return (
    messages.length >= 5 &&
    messages.readUInt8(messages.length - 5) === TERMINATE &&
    messages.readInt32BE(messages.length - 4) === 4
  );
}

const TERMINATE = 'X'.charCodeAt(0);

function checked(length: number): number {
  if (length >= 4 && length <= MAX_MESSAGE_BYTES) return length;
  throw new Error(`not a PostgreSQL client: it announces a message of ${length} bytes`);
}

export function queryMessage(statement: string): Buffer {
  const body = Buffer.from(`${statement}\0`);
  const head = Buffer.alloc(5);
  head.write('Q');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

type Message = { readonly type: string; readonly body: Buffer };

function* messagesIn(answer: Buffer): Generator<Message> {
  for (let at = 0; at + 5 <= answer.length;) {
    const end = at + 1 + answer.readInt32BE(at + 1);
    yield { type: String.fromCharCode(answer.readUInt8(at)), body: answer.subarray(at + 5, end) };
    at = end;
  }
}

/** Text of the first error in an answer. */
export function errorOf(answer: Buffer): string | null {
  for (const { type, body } of messagesIn(answer)) {
    if (type !== 'E') continue;
    const fields = body.toString('utf8').split('\0');
    return fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'no reason given';
  }
  return null;
}

/** The first column of every row, as text; nulls are left out. */
export function firstColumn(answer: Buffer): readonly string[] {
  const values: string[] = [];
  for (const { type, body } of messagesIn(answer)) {
    if (type !== 'D' || body.readInt16BE(0) === 0) continue;
    const length = body.readInt32BE(2);
    if (length >= 0) values.push(body.toString('utf8', 6, 6 + length));
  }
  return values;
}
