/** Castagnoli's polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = tables();

/**
 * The checksum of Kafka's record batches over `bytes` from `from` up to `to`, unsigned. Eight bytes a turn: each has a table of its own,
 * in which the seven that follow it are already shifted away. Node has no CRC-32C of its own.
 */
export function crc32c(bytes: Buffer, from: number, to: number): number {
  const table = TABLES;
  const words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
  let crc = -1;
  let at = from;
  for (; at < to && ((bytes.byteOffset + at) & 3) !== 0; at++) crc = step(crc, bytes, at);
  let word = (bytes.byteOffset + at) >> 2;
  for (const end = word + (((to - at) >> 3) << 1); word < end; word += 2) {
    const low = of(words, word) ^ crc;
    const high = of(words, word + 1);
    crc =
      of(table, 0x700 | (low & 0xff)) ^
      of(table, 0x600 | ((low >>> 8) & 0xff)) ^
      of(table, 0x500 | ((low >>> 16) & 0xff)) ^
      of(table, 0x400 | (low >>> 24)) ^
      of(table, 0x300 | (high & 0xff)) ^
      of(table, 0x200 | ((high >>> 8) & 0xff)) ^
      of(table, 0x100 | ((high >>> 16) & 0xff)) ^
      of(table, high >>> 24);
  }
  for (at += ((to - at) >> 3) << 3; at < to; at++) crc = step(crc, bytes, at);
  return ~crc >>> 0;
}

function step(crc: number, bytes: Buffer, at: number): number {
  return of(TABLES, (crc ^ (bytes[at] ?? 0)) & 0xff) ^ (crc >>> 8);
}

/** Within the bounds: what `noUncheckedIndexedAccess` cannot know. */
function of(numbers: Int32Array, index: number): number {
  return numbers[index] as number;
}

function tables(): Int32Array {
  const all = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    all[byte] = crc;
  }
  for (let index = 256; index < all.length; index++) {
    const before = of(all, index - 256);
    all[index] = (before >>> 8) ^ of(all, before & 0xff);
  }
  return all;
}
