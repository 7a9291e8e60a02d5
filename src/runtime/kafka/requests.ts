import type { Message, RecordMetadata } from 'kafkajs';
import type { TopicSuffix } from '../../messages/index.js';
import type { OutgoingRecord, Position } from '../lanes/lane.js';

/** A request stays below this for each topic, so that no partition's batch exceeds what the broker takes. Bytes. */
export const MAX_TOPIC_BYTES = 900_000;

/** Key, headers and framing of a record, at most, as long as nobody puts long texts there. Bytes. */
const OVERHEAD_BYTES = 256;

/** What a record takes of a request. Bytes. */
export function sizeOf({ value }: OutgoingRecord): number {
  return (value === null ? 0 : Buffer.byteLength(value)) + OVERHEAD_BYTES;
}

/** The records, in their order, in as few requests as the broker's limit allows. */
export function requestsFor(records: readonly OutgoingRecord[]): readonly (readonly OutgoingRecord[])[] {
  const requests: OutgoingRecord[][] = [];
  let request: OutgoingRecord[] = [];
  const bytes = new Map<TopicSuffix, number>();
  for (const record of records) {
    const size = sizeOf(record);
    const used = bytes.get(record.topic) ?? 0;
    if (used > 0 && used + size > MAX_TOPIC_BYTES) {
      requests.push(request);
      request = [];
      bytes.clear();
    }
    request.push(record);
    bytes.set(record.topic, (bytes.get(record.topic) ?? 0) + size);
  }
  if (request.length > 0) requests.push(request);
  return requests;
}

/** A message that was handed to kafkajs; the partitioner has left its partition on it. `topic`: full name. */
export type Sent = { readonly topic: string; readonly message: Message };

/**
 * Where each message of a request stands. Those of one partition are one batch, in their order, so they follow its first one.
 * `sentAt` stands in where the topic is not stamped by the broker. Epoch milliseconds.
 */
export function positionsOf(sent: readonly Sent[], answer: readonly RecordMetadata[], sentAt: number): Position[] {
  const batches = new Map<string, Batch[]>();
  for (const { topicName, partition, baseOffset, logAppendTime } of answer) {
    let ofTopic = batches.get(topicName);
    if (ofTopic === undefined) batches.set(topicName, (ofTopic = []));
    const appendedAt = Number(logAppendTime ?? -1);
    ofTopic[partition] = { next: Number(baseOffset), appendedAt: appendedAt >= 0 ? appendedAt : sentAt };
  }
  return sent.map(({ topic, message: { partition } }) => {
    const batch = partition === undefined ? undefined : batches.get(topic)?.[partition];
    if (batch === undefined || partition === undefined || !Number.isSafeInteger(batch.next)) {
      throw new Error(`Kafka took records for ${topic}/${partition}, and did not say where they stand`);
    }
    return { partition, offset: batch.next++, appendedAt: batch.appendedAt };
  });
}

/** What a request brought to one partition. */
type Batch = { next: number; readonly appendedAt: number };
