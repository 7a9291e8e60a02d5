import { ByteWriter } from './byte-writer.js';

/** What kafkajs's consumer hands to its encoder. It keeps no fetch sessions. */
export type Fetch = {
  readonly replicaId?: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel?: number;
  readonly rackId?: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
};

const NO_REPLICA = -1;
const READ_COMMITTED = 1;
const NO_SESSION = 0;
const NO_SESSION_EPOCH = -1;
const NO_LEADER_EPOCH = -1;
const NO_LOG_START = -1n;
const CAPACITY = 4096;

/** The body of a fetch request of version 11, byte for byte what kafkajs makes of it. */
export function encodeFetch(fetch: Fetch): Buffer {
  const writer = new ByteWriter(CAPACITY);
  writer.int32(fetch.replicaId ?? NO_REPLICA);
  writer.int32(fetch.maxWaitTime);
  writer.int32(fetch.minBytes);
  writer.int32(fetch.maxBytes);
  writer.int8(fetch.isolationLevel ?? READ_COMMITTED);
  writer.int32(NO_SESSION);
  writer.int32(NO_SESSION_EPOCH);
  writer.int32(fetch.topics.length);
  for (const { topic, partitions } of fetch.topics) {
    text(writer, topic);
    writer.int32(partitions.length);
    for (const { partition, fetchOffset, maxBytes } of partitions) {
      writer.int32(partition);
      writer.int32(NO_LEADER_EPOCH);
      writer.int64(BigInt(fetchOffset));
      writer.int64(NO_LOG_START);
      writer.int32(maxBytes);
    }
  }
  writer.int32(0); // nothing to forget of a session
  text(writer, fetch.rackId ?? '');
  return writer.written;
}

function text(writer: ByteWriter, of: string): void {
  const length = Buffer.byteLength(of);
  writer.int16(length);
  writer.content(of, length);
}
