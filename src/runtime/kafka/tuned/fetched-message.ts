import type { IHeaders } from 'kafkajs';

/** What the messages of one record batch have in common, under kafkajs's names. */
export type BatchContext = {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
};

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Where one thing ends and the next begins; the reader's position. */
type Cursor = { at: number };

/** A message as kafkajs has them, whose key, value and headers are looked up in the batch only when somebody wants them. */
export class FetchedMessage {
  private place = -1;
  private valueAt = -1;
  private headersAt = -1;
  private keyLength = -1;
  private valueLength = -1;

  constructor(
    private readonly bytes: Buffer,
    /** Where the length of the key stands. */
    private readonly keyAt: number,
    readonly attributes: number,
    readonly offset: string,
    readonly timestamp: string,
    readonly batchContext: BatchContext,
  ) {}

  get magicByte(): number {
    return this.batchContext.magicByte;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get key(): Buffer | null {
    this.find();
    return this.slice(this.place, this.keyLength);
  }

  get value(): Buffer | null {
    this.find();
    return this.slice(this.valueAt, this.valueLength);
  }

  /** As kafkajs gives them: bytes, and a list where a name comes more than once. */
  get headers(): IHeaders {
    return this.collect((at, length) => this.slice(at, length) as Buffer);
  }

  /** The same as texts. */
  get texts(): Headers {
    return this.collect((at, length) => (length < 0 ? 'null' : this.bytes.toString('utf8', at, at + length)));
  }

  private collect<T>(read: (at: number, length: number) => T): Record<string, T | T[]> {
    this.find();
    const { bytes } = this;
    const cursor = { at: this.headersAt };
    const collected: Record<string, T | T[]> = {};
    for (let left = readVarInt(bytes, cursor); left > 0; left--) {
      const nameLength = readVarInt(bytes, cursor);
      const name = nameOf(bytes, cursor.at, nameLength);
      cursor.at += Math.max(0, nameLength);
      const length = readVarInt(bytes, cursor);
      put(collected, name, read(cursor.at, length));
      cursor.at += Math.max(0, length);
    }
    return collected;
  }

  private find(): void {
    if (this.place !== -1) return;
    const cursor = { at: this.keyAt };
    this.keyLength = readVarInt(this.bytes, cursor);
    this.place = cursor.at;
    cursor.at += Math.max(0, this.keyLength);
    this.valueLength = readVarInt(this.bytes, cursor);
    this.valueAt = cursor.at;
    this.headersAt = cursor.at + Math.max(0, this.valueLength);
  }

  private slice(at: number, length: number): Buffer | null {
    return length < 0 ? null : this.bytes.subarray(at, at + length);
  }
}

export function readVarInt(bytes: Buffer, cursor: Cursor): number {
  let result = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(cursor.at++);
    result |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (result >>> 1) ^ -(result & 1);
  }
}

function put<T>(into: Record<string, T | T[]>, name: string, value: T): void {
  const before = Object.hasOwn(into, name) ? into[name] : undefined;
  const all = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  // A name that JavaScript gives a meaning is a name like others.
  if (name === '__proto__')
    Object.defineProperty(into, name, { value: all, enumerable: true, configurable: true, writable: true }); // prettier-ignore
  else into[name] = all;
}

/** Headers have few names: those that were seen are not decoded again. By length. */
const known: (readonly Known[])[] = [];
type Known = { readonly bytes: Buffer; readonly name: string };
const KNOWN_LENGTH = 64;
const KNOWN_OF_A_LENGTH = 8;

function nameOf(bytes: Buffer, at: number, length: number): string {
  if (length <= 0 || length > KNOWN_LENGTH) return bytes.toString('utf8', at, at + Math.max(0, length));
  const candidates = known[length] ?? [];
  for (const candidate of candidates) if (isSame(candidate.bytes, bytes, at)) return candidate.name;
  const name = bytes.toString('utf8', at, at + length);
  if (candidates.length < KNOWN_OF_A_LENGTH) {
    known[length] = [...candidates, { bytes: Buffer.from(bytes.subarray(at, at + length)), name }];
  }
  return name;
}

function isSame(expected: Buffer, bytes: Buffer, at: number): boolean {
  for (let index = 0; index < expected.length; index++) if (expected[index] !== bytes[at + index]) return false;
  return true;
}
