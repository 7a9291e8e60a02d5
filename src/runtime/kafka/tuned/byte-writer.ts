/** Shorter texts are written faster character by character than by a call into Node. */
const SHORT_TEXT = 48;

/** Bytes that grow, in the forms of Kafka's protocol. */
export class ByteWriter {
  private bytes: Buffer;
  private at = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.at;
  }

  /** What has been written; a view, valid until more is. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  /** From the beginning again, over what was there. */
  clear(): void {
    this.at = 0;
  }

  int8(value: number): void {
    this.at = this.room(1).writeInt8(value, this.at);
  }

  int16(value: number): void {
    this.at = this.room(2).writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.room(4).writeInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.at = this.room(8).writeBigInt64BE(value, this.at);
  }

  /** Room for a number that is known later: see {@link patchInt32}. Returns its place. */
  reserveInt32(): number {
    const place = this.at;
    this.int32(0);
    return place;
  }

  patchInt32(place: number, value: number): void {
    this.bytes.writeInt32BE(value | 0, place);
  }

  /** Zigzag, as all variable lengths of a record are. `value`: above -2^30 and below 2^30. */
  varInt(value: number): void {
    const bytes = this.room(5);
    let left = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; left > 0x7f; left >>>= 7) bytes[this.at++] = (left & 0x7f) | 0x80;
    bytes[this.at++] = left;
  }

  varLong(value: number): void {
    if (Math.abs(value) < 0x40000000) {
      this.varInt(value);
      return;
    }
    const bytes = this.room(10);
    let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    for (; left > 0x7fn; left >>= 7n) bytes[this.at++] = Number(left & 0x7fn) | 0x80;
    bytes[this.at++] = Number(left);
  }

  /** Bytes, or a text whose length in UTF-8 is known. */
  content(content: string | Buffer, byteLength: number): void {
    const bytes = this.room(byteLength);
    if (typeof content !== 'string') bytes.set(content, this.at);
    else if (byteLength !== content.length) bytes.write(content, this.at, byteLength, 'utf8');
    else if (byteLength >= SHORT_TEXT) bytes.write(content, this.at, byteLength, 'latin1');
    else for (let index = 0; index < byteLength; index++) bytes[this.at + index] = content.charCodeAt(index);
    this.at += byteLength;
  }

  private room(length: number): Buffer {
    if (this.at + length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + length));
      this.bytes.copy(larger, 0, 0, this.at);
      this.bytes = larger;
    }
    return this.bytes;
  }
}

/** How many bytes {@link ByteWriter.varInt} takes. */
export function varIntSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5;
}
