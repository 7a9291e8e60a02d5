import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { GroupConsumer } from '../../src/runtime/kafka/group-consumer.js';
import { tuneKafkajs } from '../../src/runtime/kafka/tuned/tune-kafkajs.js';
import { LaneUnavailable, type LogRecord } from '../../src/runtime/lanes/lane.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';

const TOPIC = 'evt.node-introspection.v1';

describeStack('a consumer group', ['kafka'], () => {
  const names = new TopicNames(uniqueName('group'));
  const log = pino({ level: 'silent' });
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;
  let consumer: GroupConsumer | undefined;

  const groupWith = (groupId: string, handle: (records: readonly LogRecord[]) => Promise<void>): void => {
    consumer = new GroupConsumer(kafka, groupId, { group: 'test', topics: [TOPIC], handle }, names, log, 'test');
    consumer.start();
  };
  const committed = async (groupId: string): Promise<string | undefined> =>
    (await admin.fetchOffsets({ groupId, topics: [names.full(TOPIC)] }))[0]?.partitions[0]?.offset;
  const append = (...values: readonly string[]) =>
    producer.send({ topic: names.full(TOPIC), acks: -1, messages: values.map((value) => ({ key: 'node', value })) });

  beforeAll(async () => {
    tuneKafkajs();
    kafka = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    await createTopics(admin, [{ topic: names.full(TOPIC), numPartitions: 1 }]);
    await until(() => append('first', 'second'), { what: 'a leader of the new topic' });
  });

  afterEach(async () => {
    await consumer?.close();
  });

  afterAll(async () => {
    await deleteTopics(admin, [names.full(TOPIC)]);
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('delivers the same records again after the lane had to wait, and commits only then', async () => {
    const groupId = uniqueName('waits');
    const delivered: string[][] = [];
    let committedAtSecond: string | undefined;
    groupWith(groupId, async (records) => {
      delivered.push(records.map(({ value }) => String(value)));
      if (delivered.length === 1) throw new LaneUnavailable('no database', 50);
      committedAtSecond ??= await committed(groupId);
    });
    await until(() => committedAtSecond, { what: 'the second delivery' });
    expect(delivered).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    expect(committedAtSecond).toBe('-1');
    await until(async () => (await committed(groupId)) === '2', { what: 'the commit' });
  });

  it('reads on after it was replaced in the middle of a long wait', async () => {
    const groupId = uniqueName('replaced');
    let deliveries = 0;
    await new Promise<void>((waits) => {
      groupWith(groupId, () => {
        deliveries++;
        if (deliveries > 1) return Promise.resolve();
        waits();
        return Promise.reject(new LaneUnavailable('breaker open', 600_000));
      });
    });
    await until(() => consumer?.isPaused, { what: 'the pause' });
    await consumer?.restart('a test');
    await until(async () => (await committed(groupId)) === '2', { what: 'the commit' });
    expect(deliveries).toBeGreaterThan(1); // exactly two, unless the group is joined anew once more
  });

  it('finishes and commits the batch in hand when it is closed', async () => {
    const groupId = uniqueName('closes');
    let release: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => {
      groupWith(groupId, async () => {
        await new Promise<void>((go) => {
          release = go;
          resolve();
        });
      });
    });
    await inHand;
    const closed = consumer?.close();
    release();
    await closed;
    expect(await committed(groupId)).toBe('2');
  });

  it('gives the lane what the log says of a record', async () => {
    const seen = await new Promise<LogRecord>((resolve) => {
      groupWith(uniqueName('reads'), ([record]) => {
        if (record !== undefined) resolve(record);
        return Promise.resolve();
      });
    });
    const { topic, topicName, partition, offset, key, value, headers, appendedAt } = seen;
    expect({ topic, topicName, partition, offset, key, value, headers, appendedAt }).toEqual({
      topic: TOPIC,
      topicName: names.full(TOPIC),
      partition: 0,
      offset: '0',
      key: Buffer.from('node'),
      value: Buffer.from('first'),
      headers: {},
      appendedAt: expect.any(Number),
    });
    expect(Math.abs(Date.now() - seen.appendedAt)).toBeLessThan(600_000);
  });
});
