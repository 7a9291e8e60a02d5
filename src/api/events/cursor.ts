import { crc32 } from 'node:zlib';
import { EVENT_TOPICS, Place } from '../../runtime/index.js';

/**
 * A place in the log as text, for whoever comes back with it: opaque, in base64url. Inside: a version, the log's fingerprint, for each
 * topic of EVENT_TOPICS the number of its partitions and their offsets (varints), and a checksum over all that.
 */
export type Cursor = { readonly fingerprint: number; readonly place: Place };

const VERSION = 1;
const HEADER_BYTES = 5;
const CHECKSUM_BYTES = 4;
/** A varint of 53 bits. */
const MAX_VARINT_BYTES = 8;
/** Node takes no more than 16 KiB of headers; some hundred partitions a topic fit in. Characters. */
const MAX_CURSOR = 12_000;
const MAX_PARTITIONS = 10_000;

export function fingerprintOf(log: string): number {
  return crc32(log);
}

export function encodeCursor({ fingerprint, place }: Cursor): string {
  const offsets = EVENT_TOPICS.map((topic) => place.of(topic));
  const varints = offsets.reduce((sum, partitions) => sum + partitions.length + 1, 0);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + varints * MAX_VARINT_BYTES + CHECKSUM_BYTES);
  bytes[0] = VERSION;
  let at = bytes.writeUInt32BE(fingerprint, 1);
  for (const partitions of offsets) {
    at = writeVarint(bytes, at, partitions.length);
    for (const next of partitions) at = writeVarint(bytes, at, next);
  }
  const end = bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at);
  return bytes.toString('base64url', 0, end);
}

/** Null for what {@link encodeCursor} did not make. Topics that this version does not know are left out. */
export function decodeCursor(text: string): Cursor | null {
  if (text.length > MAX_CURSOR) return null;
  const bytes = Buffer.from(text, 'base64url');
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < HEADER_BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== text) return null;
  if (bytes.readUInt32BE(end) !== crc32(bytes.subarray(0, end))) return null;
  const reader = { bytes, at: HEADER_BYTES };
  const topics: number[][] = [];
  while (reader.at < end) {
    const count = readVarint(reader);
    if (count > MAX_PARTITIONS) return null;
    topics.push(Array.from({ length: count }, () => readVarint(reader)));
  }
  if (reader.at !== end) return null;
  const known = EVENT_TOPICS.flatMap((topic, rank) => {
    const partitions = topics[rank];
    return partitions === undefined ? [] : [[topic, partitions] as const];
  });
  return { fingerprint: bytes.readUInt32BE(1), place: Place.of(known) };
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

function readVarint(reader: { readonly bytes: Buffer; at: number }): number {
  let value = 0;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = reader.bytes[reader.at++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}
