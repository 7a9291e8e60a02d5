/** Type ids of PostgreSQL. */
const ELEMENT = { text: 25, int4: 23, bool: 16 } as const;

const HEADER_BYTES = 20;
const NULL = -1;
const FIRST_BYTES = 16 * 1024;
/** Memory of arrays that were sent, to be used again: so much at most, in buffers and in bytes of each. */
const MAX_SPARE = 64;
const MAX_SPARE_BYTES = 4 * 1024 * 1024;
const spare: Buffer[] = [];

/**
 * An array parameter in PostgreSQL's binary format, which `pg` sends as it is: nothing is escaped here, and nothing parsed there.
 * For what arrays of JavaScript are too slow for: a thousand rows of two kilobytes at a time.
 */
export class BinaryArray {
  private bytes: Buffer;
  private end = HEADER_BYTES;
  private count = 0;
  private hasNulls = 0;

  constructor(private readonly element: keyof typeof ELEMENT) {
    this.bytes = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Gives its memory away. Only once nobody can send the parameter any more. */
  release(): void {
    if (this.bytes === NOTHING) return;
    if (spare.length < MAX_SPARE && this.bytes.length <= MAX_SPARE_BYTES) spare.push(this.bytes);
    this.bytes = NOTHING;
  }

  /** For `text`. */
  addText(value: string | null): void {
    this.count++;
    if (value === null) {
      this.room(4);
      this.end = this.bytes.writeInt32BE(NULL, this.end);
      this.hasNulls = 1;
      return;
    }
    // A character has at most three bytes in UTF-8; as a rule it has one.
    if (!this.hasRoom(4 + value.length * 3)) this.room(4 + Buffer.byteLength(value));
    const length = this.bytes.write(value, this.end + 4, 'utf8');
    this.bytes.writeInt32BE(length, this.end);
    this.end += 4 + length;
  }

  /** For `int4`. */
  addInteger(value: number | null): void {
    this.count++;
    this.room(8);
    if (value === null) {
      this.hasNulls = 1;
      this.end = this.bytes.writeInt32BE(NULL, this.end);
      return;
    }
    this.end = this.bytes.writeInt32BE(4, this.end);
    this.end = this.bytes.writeInt32BE(value, this.end);
  }

  /** For `bool`. */
  addBoolean(value: boolean): void {
    this.count++;
    this.room(5);
    this.end = this.bytes.writeInt32BE(1, this.end);
    this.end = this.bytes.writeUInt8(value ? 1 : 0, this.end);
  }

  /** The parameter: number of dimensions, whether there are nulls, type, length, first index, and the elements. */
  toParameter(): Buffer {
    const { bytes } = this;
    bytes.writeInt32BE(1, 0);
    bytes.writeInt32BE(this.hasNulls, 4);
    bytes.writeInt32BE(ELEMENT[this.element], 8);
    bytes.writeInt32BE(this.count, 12);
    bytes.writeInt32BE(1, 16);
    return bytes.subarray(0, this.end);
  }

  private hasRoom(wanted: number): boolean {
    return this.end + wanted <= this.bytes.length;
  }

  private room(wanted: number): void {
    if (this.hasRoom(wanted)) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.end + wanted));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}

const NOTHING = Buffer.alloc(0);
