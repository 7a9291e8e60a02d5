import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPIC_SUFFIXES, TopicNames } from '../../src/messages/index.js';
import { HealthRegistry } from '../../src/runtime/health-registry.js';
import { KafkaTransport } from '../../src/runtime/kafka/kafka-transport.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { deleteTopics } from '../support/topics.js';
import { KafkaLine } from './kafka-line.js';

const TOPIC = 'evt.node-heartbeat.v1';
const OTHER = 'evt.node-became-active.v1';

describeStack('the progress of a group', ['kafka'], () => {
  const names = new TopicNames(uniqueName('progress'));
  const groupPrefix = uniqueName('progress-groups');
  const health = new HealthRegistry();
  const fatal: unknown[] = [];
  const heard: LogRecord[] = [];
  let missed = 0;
  let line: KafkaLine;
  let admin: Admin;
  let sut: KafkaTransport;
  let release: () => void;

  const transportOf = (kafka: Kafka, itsHealth = health) =>
    new KafkaTransport({
      kafka,
      names,
      groupPrefix,
      partitions: 1,
      log: pino({ level: 'silent' }),
      metrics: new RuntimeMetrics(new Registry()),
      health: itsHealth,
      onFatal: (error) => fatal.push(error),
    });
  const append = (topic: typeof TOPIC | typeof OTHER, ...values: readonly string[]) =>
    sut.publish(values.map((value) => ({ topic, key: 'node', value, headers: {} })));

  /** A Kafka that is there, and slow, is asked again. */
  const progress = (group: string) => until(() => sut.progress(group, TOPIC), { what: 'the progress' });

  beforeAll(async () => {
    line = new KafkaLine();
    admin = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    sut = transportOf(line.kafka);
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    sut.serve([{ group: 'lane', topics: [TOPIC], handle: () => released }], {
      topics: [OTHER],
      heard: (records) => heard.push(...records),
      missed: () => missed++,
    });
    sut.listen(() => undefined);
    await progress('lane');
  });

  afterAll(async () => {
    health.close();
    release();
    line.mend();
    await sut.close();
    await deleteTopics(
      admin,
      TOPIC_SUFFIXES.map((suffix) => names.full(suffix)),
    );
    await admin.disconnect();
    expect(fatal).toEqual([]);
  });

  it('is the low watermark before the first commit, and follows the commits', async () => {
    await append(TOPIC, 'first', 'second', 'third');
    expect(await progress('lane')).toEqual([{ partition: 0, end: 3n, committed: 0n }]);
    release();
    await until(async () => (await sut.progress('lane', TOPIC))[0]?.committed === 3n, { what: 'the commit' });
    expect(await progress('lane')).toEqual([{ partition: 0, end: 3n, committed: 3n }]);
  });

  it('begins where the log begins when older records are gone', async () => {
    await admin.fetchTopicOffsets(names.full(TOPIC)); // kafkajs deletes only in topics that it has asked for before
    await admin.deleteTopicRecords({ topic: names.full(TOPIC), partitions: [{ partition: 0, offset: '2' }] });
    expect(await progress('nobody')).toEqual([{ partition: 0, end: 3n, committed: 2n }]);
  });

  it('comes with the transport whose tap hears beside the groups', async () => {
    await until(() => missed > 0, { what: 'the tap' });
    await append(OTHER, 'heard');
    await until(() => heard.length > 0, { what: 'the record' });
    expect(heard.map(({ topic, value }) => [topic, String(value)])).toEqual([[OTHER, 'heard']]);
  });

  describe('while Kafka is away', () => {
    it('is refused with the reason, and is there again with Kafka', async () => {
      line.cut();
      await expect(sut.progress('lane', TOPIC)).rejects.toThrow(
        `Kafka does not tell how far group ${groupPrefix}.lane has come in ${names.full(TOPIC)}`,
      );
      line.mend();
      await progress('lane');
    });

    it('is refused in time when Kafka does not answer at all', async () => {
      line.mute();
      const refused = await sut.progress('lane', TOPIC).catch((error: unknown) => error);
      line.mend();
      expect(refused).toMatchObject({ cause: { message: 'no answer within 2500 ms' } });
    });

    it('is refused by a transport that has not found Kafka yet', async () => {
      const itsHealth = new HealthRegistry();
      const lost = transportOf(new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } }), itsHealth); // prettier-ignore
      lost.serve([], { topics: [OTHER], heard: () => undefined, missed: () => undefined });
      lost.listen(() => undefined);
      await until(
        () => lost.progress('lane', TOPIC).catch((error: Error) => String(error.cause).includes('ECONNREFUSED')),
        { what: 'the reason' },
      );
      itsHealth.close();
      await lost.close();
    });
  });

  it('ends with the transport, whose tap leaves no group behind', async () => {
    const taps = async () =>
      (await admin.listGroups()).groups.filter(({ groupId }) => groupId.startsWith(`${groupPrefix}.tap-`));
    await until(async () => (await taps()).length > 0, { what: 'the group of the tap' });
    await until(
      async () => {
        // Again, where a member leaves late: its group can be deleted only then.
        await sut.close();
        return (await taps()).length === 0;
      },
      { what: 'the end of the group' },
    );
  });
});
