import { randomUUID } from 'node:crypto';
import type { Consumer, KafkaMessage } from 'kafkajs';
import { asAdmin, kafkaOf, type Offsets } from './kafka.js';

/** What the registry's own consumers fetch: see `src/runtime/kafka/consumer-settings.ts`. */
const FETCH = { maxWaitTimeInMs: 500, maxBytesPerPartition: 1024 * 1024, maxBytes: 10 * 1024 * 1024 } as const;
const CONCURRENT_PARTITIONS = 64;

/**
 * The yardstick of heartbeats: `eachBatch` and `JSON.parse`, nothing else. Reads `count` records of a topic from the offsets on, and gives
 * how many a second, from the first fetch to the last record.
 */
export async function consumeRaw(
  brokers: readonly string[],
  topic: string,
  from: Offsets,
  count: number,
): Promise<number> {
  const kafka = kafkaOf(brokers);
  const groupId = `rollcall-bench-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, ...FETCH, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    return (count * 1000) / (await readAll(consumer, topic, from, count));
  } finally {
    await consumer.disconnect();
    await asAdmin(kafka, (admin) => admin.deleteGroups([groupId]));
  }
}

/** Milliseconds. */
async function readAll(consumer: Consumer, topic: string, from: Offsets, count: number): Promise<number> {
  let began: number | undefined;
  let read = 0;
  consumer.on(consumer.events.FETCH_START, () => (began ??= performance.now()));
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, offset] of from) consumer.seek({ topic, partition, offset: String(offset) });
  });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachBatch: ({ batch }) => {
          read += batch.messages.filter(isParsed).length;
          if (read >= count) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  return performance.now() - (began ?? NaN);
}

/** Uses what was parsed, so that nothing can be left out. */
function isParsed({ value }: KafkaMessage): boolean {
  return typeof JSON.parse(value?.toString() ?? 'null') === 'object';
}
