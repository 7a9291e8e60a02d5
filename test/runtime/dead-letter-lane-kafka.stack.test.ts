import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Consumer, EachMessagePayload, Kafka } from 'kafkajs';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { createKafka } from '../../src/runtime/kafka/kafka-client.js';
import { Publisher } from '../../src/runtime/kafka/publisher.js';
import { deadLetterOf } from '../../src/runtime/lanes/dead-letters.js';
import { addressOf, describeStack, uniqueName } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';
import { brokenRecord } from './dead-letter-records.js';

describeStack('dead letters and what is sent again, on Kafka', ['kafka'], () => {
  const names = new TopicNames(uniqueName('letters'));
  const topics = [names.full('dlq.v1'), names.full('evt.node-heartbeat.v1')];
  let kafka: Kafka;
  let publisher: Publisher;
  let consumer: Consumer;
  const received: EachMessagePayload['message'][] = [];
  let heard: () => void = () => undefined;

  beforeAll(async () => {
    kafka = createKafka(addressOf('kafka').split(','), 'letters', pino({ level: 'silent' }));
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: String(2 * 1024 * 1024) }];
    await createTopics(
      admin,
      topics.map((topic) => ({ topic, numPartitions: 1, configEntries })),
    );
    await admin.disconnect();
    publisher = new Publisher(kafka, names);
    await publisher.connect();
    consumer = kafka.consumer({ groupId: uniqueName('letters'), maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        received.push(message);
        heard();
        return Promise.resolve();
      },
    });
  });
  afterAll(async () => {
    await consumer.disconnect();
    await publisher.close();
    const admin = kafka.admin();
    await admin.connect();
    await deleteTopics(admin, topics);
    await admin.disconnect();
  });

  async function next(): Promise<EachMessagePayload['message']> {
    while (received.length === 0) await new Promise<void>((resolve) => (heard = resolve));
    return received.shift() as EachMessagePayload['message'];
  }

  it('bytes, and headers that came more than once, arrive as they were', async () => {
    const key = Buffer.from([0xff, 0]);
    const value = Buffer.from([0, 255, 128]);
    await publisher.publish([
      { topic: 'evt.node-heartbeat.v1', key, value, headers: { list: ['a', 'b'], nul: 'c\0d' } },
    ]);
    const message = await next();
    expect([message.key, message.value]).toEqual([key, value]);
    expect(message.headers).toEqual({ list: [Buffer.from('a'), Buffer.from('b')], nul: Buffer.from('c\0d') });
  });

  it('the topic takes the dead letter of whatever a topic took', async () => {
    // Everything as long as it gets once it is escaped.
    const huge = Buffer.alloc(2 * 1024 * 1024 - 1000, '\x01');
    const headers = { [huge.toString()]: huge.toString() };
    for (const record of [
      brokenRecord({ key: huge, value: huge, headers }),
      brokenRecord({
        key: Buffer.alloc(16 * 1024, '\x01'),
        value: Buffer.alloc(512 * 1024, '\x01'),
        headers: { long: '\x01'.repeat(10_900) },
      }),
    ]) {
      const letter = deadLetterOf(record, 'too_large', '\x01'.repeat(500), 'rollcall');
      await publisher.publish([letter]);
      expect((await next()).value).toEqual(Buffer.from(letter.value));
    }
  });
});
