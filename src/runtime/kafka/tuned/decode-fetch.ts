import { FetchedMessage, readVarInt, type BatchContext } from './fetched-message.js';

/** A fetched message, whoever decoded it. */
export type Decoded = FetchedMessage | object;

/** kafkajs's own decoder of a set of messages, for what is not decoded here: old formats and compression. */
export type DecodeOthers = (bytes: Buffer) => Promise<readonly Decoded[]>;

export type FetchResponse = {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly TopicResponse[];
};

type TopicResponse = { readonly topicName: string; readonly partitions: readonly PartitionResponse[] };

type PartitionResponse = {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly Decoded[];
};

type Cursor = { readonly bytes: Buffer; at: number };

const NO_REPLICA = -1;
/** Of the answer for a partition: places after its beginning, where no transaction was aborted, and its length where there are no records. */
const ERROR_CODE_AT = 4;
const ABORTED_AT = 30;
const REPLICA_AT = 34;
const SIZE_AT = 38;
const NOTHING_BYTES = 42;
const MAGIC = 2;
const MAGIC_AT = 16;
/** Of a batch: up to its first record, and what its length does not count. */
const BATCH_HEADER_BYTES = 61;
const BEFORE_LENGTH_BYTES = 12;
const COMPRESSION = 0x7;
const LOG_APPEND_TIME = 0x8;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** A fetch response of version 11, as kafkajs has it, without what is empty; its messages look for key, value and headers only when they are asked. */
export async function decodeFetch(bytes: Buffer, decodeOthers: DecodeOthers): Promise<FetchResponse> {
  const cursor = { bytes, at: 0 };
  const clientSideThrottleTime = int32(cursor);
  const errorCode = int16(cursor);
  const sessionId = int32(cursor);
  const responses: TopicResponse[] = [];
  for (let topics = int32(cursor); topics > 0; topics--) {
    const name = { bytes, at: cursor.at };
    cursor.at += 2 + bytes.readInt16BE(cursor.at);
    const partitions: PartitionResponse[] = [];
    for (let left = int32(cursor); left > 0; left--) {
      if (saysNothing(cursor)) cursor.at += NOTHING_BYTES;
      else partitions.push(await partitionOf(cursor, decodeOthers));
    }
    if (partitions.length > 0) responses.push({ topicName: text(name), partitions });
  }
  // As kafkajs reports it: the broker has not waited, the client shall.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function partitionOf(cursor: Cursor, decodeOthers: DecodeOthers): Promise<PartitionResponse> {
  const header = {
    partition: int32(cursor),
    errorCode: int16(cursor),
    highWatermark: int64(cursor),
    lastStableOffset: int64(cursor),
    lastStartOffset: int64(cursor),
    abortedTransactions: abortedIn(cursor),
    preferredReadReplica: int32(cursor),
  };
  const size = int32(cursor);
  if (size <= 0) return { ...header, messages: [] };
  const records = cursor.bytes.subarray(cursor.at, cursor.at + size);
  cursor.at += size;
  return { ...header, messages: messagesIn(records) ?? (await decodeOthers(records)) };
}

/**
 * A broker answers for every partition that it was asked for, most of them in most answers without records, and kafkajs makes a batch
 * of each, to find it empty. Such an answer is told by its numbers, where they stand when there are no aborted transactions either.
 */
function saysNothing({ bytes, at }: Cursor): boolean {
  return (
    bytes.readInt16BE(at + ERROR_CODE_AT) === 0 &&
    bytes.readInt32BE(at + ABORTED_AT) <= 0 &&
    bytes.readInt32BE(at + REPLICA_AT) === NO_REPLICA &&
    bytes.readInt32BE(at + SIZE_AT) <= 0
  );
}

function abortedIn(cursor: Cursor): PartitionResponse['abortedTransactions'] {
  const aborted = [];
  for (let left = int32(cursor); left > 0; left--) {
    aborted.push({ producerId: int64(cursor), firstOffset: int64(cursor) });
  }
  return aborted;
}

/** Null where one of the batches is not of the plain kind. The last batch may be cut off: it is fetched again. */
function messagesIn(records: Buffer): readonly FetchedMessage[] | null {
  const messages: FetchedMessage[] = [];
  for (let at = 0; records.length - at >= BATCH_HEADER_BYTES;) {
    const end = at + BEFORE_LENGTH_BYTES + records.readInt32BE(at + 8);
    if (records.readInt8(at + MAGIC_AT) !== MAGIC || (records.readInt16BE(at + 21) & COMPRESSION) !== 0) return null;
    if (end > records.length) break;
    readBatch(records.subarray(at, end), messages);
    at = end;
  }
  return messages;
}

function readBatch(batch: Buffer, messages: FetchedMessage[]): void {
  const attributes = batch.readInt16BE(21);
  const first = batch.readBigInt64BE(0);
  const firstTime = batch.readBigInt64BE(27);
  const maxTimestamp = batch.readBigInt64BE(35).toString();
  const isStamped = (attributes & LOG_APPEND_TIME) !== 0;
  const context: BatchContext = {
    firstOffset: first.toString(),
    firstTimestamp: firstTime.toString(),
    partitionLeaderEpoch: batch.readInt32BE(12),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
    lastOffsetDelta: batch.readInt32BE(23),
    producerId: batch.readBigInt64BE(43).toString(),
    producerEpoch: batch.readInt16BE(51),
    firstSequence: batch.readInt32BE(53),
    maxTimestamp,
    timestampType: isStamped ? 1 : 0,
    magicByte: MAGIC,
  };
  const base = Number(first);
  const cursor = { at: BATCH_HEADER_BYTES };
  for (let left = batch.readInt32BE(57); left > 0; left--) {
    const length = readVarInt(batch, cursor);
    const end = cursor.at + length;
    const recordAttributes = batch.readInt8(cursor.at++);
    const age = readVarLong(batch, cursor);
    const offset = String(base + readVarInt(batch, cursor));
    const timestamp = isStamped ? maxTimestamp : (firstTime + age).toString();
    messages.push(new FetchedMessage(batch, cursor.at, recordAttributes, offset, timestamp, context));
    cursor.at = end;
  }
}

/** Nearly always one byte, of a batch that the broker has stamped. */
function readVarLong(bytes: Buffer, cursor: { at: number }): bigint {
  let result = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes.readUInt8(cursor.at++);
    if (shift === 0n && byte < 0x80) return byte & 1 ? BigInt(-(byte >> 1) - 1) : BigInt(byte >> 1);
    result |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, (result >> 1n) ^ -(result & 1n));
  }
}

function int16(cursor: Cursor): number {
  cursor.at += 2;
  return cursor.bytes.readInt16BE(cursor.at - 2);
}

function int32(cursor: Cursor): number {
  cursor.at += 4;
  return cursor.bytes.readInt32BE(cursor.at - 4);
}

function int64(cursor: Cursor): string {
  cursor.at += 8;
  return cursor.bytes.readBigInt64BE(cursor.at - 8).toString();
}

function text(cursor: Cursor): string {
  const length = int16(cursor);
  cursor.at += length;
  return cursor.bytes.toString('utf8', cursor.at - length, cursor.at);
}
