import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { createNodeTexts } from '../driver/node-texts.js';
import { Reader } from '../driver/reader.js';
import type { Place } from '../scenario.js';
import { createTopics } from '../world/topics.js';

const BATCH = 500;
/** The producer waits when the consumer is so far behind: what counts is what went all the way. */
const MAX_BEHIND = 10_000;

/**
 * The yardstick `rK`: one process produces introspections with acks of all replicas, batch after batch, and consumes and parses them, by
 * plain kafkajs. Counts what was consumed.
 */
export async function produceAndConsume(
  brokers: readonly string[],
  { topicPrefix, groupPrefix }: Place,
  done: (operations: number) => void,
  isOver: () => boolean,
): Promise<void> {
  const topic = `${topicPrefix}.yardstick`;
  await createTopics(brokers, [topic]);
  const kafka = new Kafka({ clientId: 'bench-rk', brokers: [...brokers], logLevel: logLevel.ERROR });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const texts = createNodeTexts();
  const consumed = new EventTarget();
  let behind = 0;
  const reader = new Reader(
    kafka,
    groupPrefix,
    (_topic, messages) => {
      for (const { value } of messages) JSON.parse(value?.toString() ?? '');
      behind -= messages.length;
      done(messages.length);
    },
    () => void consumed.dispatchEvent(new Event('consumed')),
  );
  await producer.connect();
  await reader.start([topic]);
  const messages = Array.from({ length: BATCH }, (_, index) => {
    const key = `node-${index}`;
    return { key, value: texts.introspection(key, randomUUID()) };
  });
  while (!isOver()) {
    await producer.send({ topic, acks: -1, messages });
    behind += BATCH;
    while (behind > MAX_BEHIND && !isOver()) await once(consumed, 'consumed');
  }
  await Promise.all([reader.stop(), producer.disconnect()]);
}
