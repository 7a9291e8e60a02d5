import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Partitioners, type Message } from 'kafkajs';
import { createPartitioner, partitionOf } from '../../src/runtime/kafka/partition-of.js';

const metadata = (partitions: number) =>
  Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    isr: [],
    replicas: [],
    partitionErrorCode: 0,
  }));
const decide = (create: typeof createPartitioner, message: Message, partitions: number) =>
  create()({ topic: 't', partitionMetadata: metadata(partitions), message });

describe('the partition of a key', () => {
  const key = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ minLength: 330, maxLength: 360 }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );

  it('is the one that every other client chooses', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 200 }), (of, partitions) => {
        const theirs = decide(Partitioners.DefaultPartitioner, { key: of, value: '' }, partitions);
        expect(partitionOf(of, partitions)).toBe(theirs);
        expect(decide(createPartitioner, { key: of, value: '' }, partitions)).toBe(theirs);
      }),
    );
  });
});

describe('the partitioner', () => {
  it('leaves its decision on the message, and keeps to it when a topic has grown', () => {
    const message: Message = { key: 'node-7', value: '' };
    const partition = decide(createPartitioner, message, 6);
    expect(message.partition).toBe(partition);
    expect([7, 8, 9, 10].map((grown) => decide(createPartitioner, message, grown))).toEqual(Array(4).fill(partition));
  });

  it('lets records without a key take turns', () => {
    const partitioner = createPartitioner();
    const next = () => partitioner({ topic: 't', partitionMetadata: metadata(3), message: { key: null, value: '' } });
    expect([next(), next(), next(), next()]).toEqual([0, 1, 2, 0]);
  });
});
