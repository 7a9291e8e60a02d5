import type { ICustomPartitioner } from 'kafkajs';

const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Keys that are not longer than this are hashed without a buffer of their own. Node ids have at most 255 characters. */
const scratch = Buffer.allocUnsafe(1024);

/** Where every Kafka client puts a key: the murmur2 hash of its bytes over the number of partitions, as the Java client does. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  if (typeof key !== 'string') return (murmur2(key, key.length) & 0x7fffffff) % partitions;
  // A character has at most three bytes in UTF-8.
  const bytes = key.length * 3 <= scratch.length ? scratch : Buffer.from(key);
  const length = bytes === scratch ? scratch.write(key) : bytes.length;
  return (murmur2(bytes, length) & 0x7fffffff) % partitions;
}

/**
 * The partitioner of the process's producer. It leaves its decision on the message, so that whoever sent it knows, and a repetition goes
 * to the same partition although their number has changed meanwhile. Records without a key take turns.
 */
export const createPartitioner: ICustomPartitioner = () => {
  let turn = 0;
  return ({ partitionMetadata, message }) => {
    const count = partitionMetadata.length;
    const { key } = message;
    message.partition ??= key === null || key === undefined ? turn++ % count : partitionOf(key, count);
    return message.partition;
  };
};

function murmur2(data: Buffer, length: number): number {
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), M);
    word = Math.imul(word ^ (word >>> R), M);
    hash = Math.imul(hash, M) ^ word;
  }
  let rest = 0;
  for (let at = length - 1; at >= whole; at--) rest = (rest << 8) | data.readUInt8(at);
  if (length > whole) hash = Math.imul(hash ^ rest, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
