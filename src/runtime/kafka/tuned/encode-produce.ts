import type { Message } from 'kafkajs';
import { ByteWriter, varIntSize } from './byte-writer.js';
import { crc32c } from './crc32c.js';

/** What kafkajs's producer hands to its encoder, as far as it goes without transactions and compression. */
export type Produce = {
  readonly acks: number;
  readonly timeout: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly Message[];
    }[];
  }[];
};

const MAGIC = 2;
const NULL_LENGTH = -1;
/** Framing of a record and its headers: an estimate, the writer grows. */
const OVERHEAD_BYTES = 256;
const NO_HEADERS: NonNullable<Message['headers']> = {};

/** The headers of the record in hand: their length comes before them. */
const headerBlock = new ByteWriter(1024);

/** The body of a produce request (versions 3 to 7), byte for byte what kafkajs makes of it. */
export function encodeProduce({ acks, timeout, topicData }: Produce, now: number): Buffer {
  const writer = new ByteWriter(estimate(topicData));
  writer.int16(NULL_LENGTH); // no transaction
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    const length = Buffer.byteLength(topic);
    writer.int16(length);
    writer.content(topic, length);
    writer.int32(partitions.length);
    for (const { partition, firstSequence, messages } of partitions) {
      writer.int32(partition);
      const size = writer.reserveInt32();
      writeBatch(writer, messages, firstSequence, now);
      writer.patchInt32(size, writer.length - size - 4);
    }
  }
  return writer.written;
}

function writeBatch(writer: ByteWriter, messages: readonly Message[], firstSequence: number, now: number): void {
  const { first, last } = timesOf(messages, now);
  writer.int64(0n); // base offset: the broker's to give
  const length = writer.reserveInt32();
  writer.int32(0); // leader epoch
  writer.int8(MAGIC);
  const crc = writer.reserveInt32();
  writer.int16(0); // attributes
  writer.int32(messages.length - 1);
  writer.int64(BigInt(first));
  writer.int64(BigInt(last));
  writer.int64(-1n); // producer id
  writer.int16(0); // producer epoch
  writer.int32(firstSequence);
  writer.int32(messages.length);
  let index = 0;
  for (const message of messages) writeRecord(writer, message, index++, Number(message.timestamp ?? now) - first);
  writer.patchInt32(length, writer.length - length - 4);
  writer.patchInt32(crc, crc32c(writer.written, crc + 4, writer.length));
}

function writeRecord(writer: ByteWriter, { key, value, headers }: Message, offsetDelta: number, age: number): void {
  headerBlock.clear();
  writeHeaders(headerBlock, headers ?? NO_HEADERS);
  const keyLength = lengthOf(key);
  const valueLength = lengthOf(value);
  const body = 1 + varLongSize(age) + varIntSize(offsetDelta) + sizeOf(keyLength) + sizeOf(valueLength) + headerBlock.length; // prettier-ignore
  writer.varInt(body);
  writer.int8(0); // attributes
  writer.varLong(age);
  writer.varInt(offsetDelta);
  writeContent(writer, key, keyLength);
  writeContent(writer, value, valueLength);
  writer.content(headerBlock.written, headerBlock.length);
}

function writeHeaders(writer: ByteWriter, headers: NonNullable<Message['headers']>): void {
  const names = Object.keys(headers);
  let count = 0;
  for (const name of names) count += countOf(headers[name]);
  writer.varInt(count);
  for (const name of names) {
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) writeHeader(writer, name, one);
    else writeHeader(writer, name, value);
  }
}

function countOf(value: NonNullable<Message['headers']>[string]): number {
  return Array.isArray(value) ? value.length : 1;
}

function writeHeader(writer: ByteWriter, name: string, value: string | Buffer | undefined): void {
  writeContent(writer, name, lengthOf(name));
  writeContent(writer, value, lengthOf(value));
}

function writeContent(writer: ByteWriter, content: string | Buffer | null | undefined, length: number): void {
  writer.varInt(length);
  if (content !== null && content !== undefined) writer.content(content, length);
}

function lengthOf(content: string | Buffer | null | undefined): number {
  if (content === null || content === undefined) return NULL_LENGTH;
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

/** With the length before it. */
function sizeOf(length: number): number {
  return varIntSize(length) + Math.max(0, length);
}

function varLongSize(value: number): number {
  if (Math.abs(value) < 0x40000000) return varIntSize(value);
  let size = 1;
  for (let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)); left > 0x7fn; left >>= 7n) size++;
  return size;
}

/** Of those that say when they were made; epoch milliseconds. */
function timesOf(messages: readonly Message[], now: number): { readonly first: number; readonly last: number } {
  let first: number | undefined;
  let last: number | undefined;
  for (const { timestamp } of messages) {
    if (timestamp === undefined) continue;
    const time = Number(timestamp);
    if (first === undefined || time < first) first = time;
    if (last === undefined || time > last) last = time;
  }
  return { first: first ?? now, last: last ?? now };
}

function estimate(topicData: Produce['topicData']): number {
  let bytes = OVERHEAD_BYTES;
  for (const { partitions } of topicData) {
    for (const { messages } of partitions) {
      for (const { value } of messages) bytes += (value?.length ?? 0) + OVERHEAD_BYTES;
    }
  }
  return bytes;
}
