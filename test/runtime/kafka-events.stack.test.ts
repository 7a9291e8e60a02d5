import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { PlaceLost, type Bounds } from '../../src/runtime/events/event-source.js';
import { EVENT_TOPICS } from '../../src/runtime/events/event-topics.js';
import type { Place } from '../../src/runtime/events/place.js';
import { KafkaEvents } from '../../src/runtime/kafka/events/kafka-events.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';
import { KafkaLine } from './kafka-line.js';

const PARTITIONS = 2;
const SOME = EVENT_TOPICS.slice(0, 4);

describeStack('the events of Kafka', ['kafka'], () => {
  let names: TopicNames;
  let admin: Admin;
  let producer: Producer;
  let line: KafkaLine;
  let sut: KafkaEvents;
  let appended = 0;
  const calledOff: (() => void)[] = [];

  beforeAll(async () => {
    const kafka = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    producer = kafka.producer({ allowAutoTopicCreation: false });
    await Promise.all([admin.connect(), producer.connect()]);
    await make();
  });
  beforeEach(() => {
    line = new KafkaLine();
    sut = new KafkaEvents({ kafka: line.kafka, names, log: pino({ level: 'silent' }) });
  });
  afterEach(async () => {
    line.mend();
    for (const callOff of calledOff.splice(0)) callOff();
    await sut.close();
  });
  afterAll(async () => {
    await deleteTopics(
      admin,
      EVENT_TOPICS.map((topic) => names.full(topic)),
    );
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  async function make(): Promise<void> {
    names = new TopicNames(uniqueName('events'));
    const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
    const topics = EVENT_TOPICS.map((topic) => ({
      topic: names.full(topic),
      numPartitions: PARTITIONS,
      configEntries,
    }));
    await createTopics(admin, topics);
  }

  /** A Kafka that is there, and slow, is asked again. */
  const bounds = () => until(() => sut.bounds(), { what: 'the bounds of the log' });

  /** One request for each: their times differ, as far as the broker's clock tells. Returns the values in their order. */
  async function append(count: number): Promise<readonly string[]> {
    const values: string[] = [];
    for (let n = 0; n < count; n++) {
      const value = String(appended++);
      const topic = names.full(SOME[appended % SOME.length] ?? SOME[0] ?? EVENT_TOPICS[0]);
      await producer.send({ topic, messages: [{ key: value, value, partition: appended % PARTITIONS }] });
      values.push(value);
    }
    return values;
  }

  function follow(from: Place) {
    const heard: string[] = [];
    const losses: Place[] = [];
    calledOff.push(
      sut.follow(from, {
        heard: (records) => heard.push(...valuesOf(records)),
        lost: (place) => losses.push(place),
      }),
    );
    return { heard, losses };
  }

  async function readAll(from: Place, to: Place, topics = EVENT_TOPICS): Promise<LogRecord[]> {
    const reader = sut.read(from, topics);
    const all: LogRecord[] = [];
    for (;;) {
      const records = await reader.next(to);
      if (records.length === 0) return all;
      all.push(...records);
    }
  }

  const valuesOf = (records: readonly LogRecord[]) => records.map(({ value }) => String(value));
  const sorted = (values: readonly string[]) => [...values].sort((a, b) => Number(a) - Number(b));

  it('know the bounds of the log, and name it', async () => {
    const before = await bounds();
    await append(8);
    const { log, first, next } = await bounds();
    expect(log).toMatch(/^kafka \S+ events-/);
    const length = (bounds: Bounds) => EVENT_TOPICS.reduce((sum, topic) => sum + bounds.next.of(topic).reduce((a, b) => a + b, 0), 0); // prettier-ignore
    expect(length({ log, first, next }) - length(before)).toBe(8);
    expect(EVENT_TOPICS.map((topic) => next.of(topic).length)).toEqual(EVENT_TOPICS.map(() => PARTITIONS));
  });

  it('are heard from a place on, by any number of followers, as they are appended', async () => {
    const { next } = await bounds();
    const [one, other] = [follow(next), follow(next)];
    const values = await append(30);
    await until(() => one.heard.length >= 30 && other.heard.length >= 30, { what: 'the events' });
    expect(sorted(one.heard)).toEqual(values);
    expect(sorted(other.heard)).toEqual(values);
    const late = follow(next);
    await until(() => late.heard.length >= 30, { what: 'the events of before' });
    expect(sorted(late.heard)).toEqual(values);
  });

  it('are read between any two places, in the order in which they were appended', async () => {
    const { next: from } = await bounds();
    const values = await append(120);
    const { next: to } = await bounds();
    const all = await readAll(from, to);
    expect(sorted(valuesOf(all))).toEqual(values);
    expect(all.map(({ appendedAt }) => appendedAt)).toEqual(all.map(({ appendedAt }) => appendedAt).sort((a, b) => a - b)); // prettier-ignore
    for (const at of [0, 1, 17, 60, 119]) {
      const place = from.copy();
      for (const record of all.slice(0, at)) sut.pass(place, record);
      expect(valuesOf(await readAll(place, to))).toEqual(valuesOf(all.slice(at)));
    }
    const only = SOME.slice(0, 1);
    const ofTopic = all.filter(({ topic }) => topic === only[0]);
    expect(valuesOf(await readAll(from, to, only as never))).toEqual(valuesOf(ofTopic));
  });

  it('are read out of the middle of large batches', async () => {
    const { next: from } = await bounds();
    const messages = Array.from({ length: 400 }, (_, n) => ({
      key: 'k',
      value: `${n}`.padEnd(1500, '.'),
      partition: 0,
    }));
    await producer.send({ topic: names.full(EVENT_TOPICS[5]), messages });
    const { next: to } = await bounds();
    const all = await readAll(from, to);
    expect(valuesOf(all)).toEqual(messages.map(({ value }) => value));
    const place = from.copy();
    for (const record of all.slice(0, 123)) sut.pass(place, record);
    expect(valuesOf(await readAll(place, to))).toEqual(messages.slice(123).map(({ value }) => value));
  });

  it.each([
    ['cut', 'cut'],
    ['mute', 'mute'],
  ] as const)('are all heard, each once, over a line that is %s for a while', async (_, how) => {
    const { next } = await bounds();
    const { heard, losses } = follow(next);
    const values = [...(await append(10))];
    await until(() => heard.length === 10, { what: 'the first events' });
    line[how]();
    values.push(...(await append(10)));
    await new Promise((resolve) => setTimeout(resolve, 600));
    line.mend();
    values.push(...(await append(10)));
    await until(() => heard.length >= 30, { what: 'all events' });
    expect([sorted(heard), losses]).toEqual([values, []]);
  });

  it('are told to be lost where the log was cut off', async () => {
    const { next: from } = await bounds();
    await append(16);
    const { next: to } = await bounds();
    for (const topic of SOME) {
      const partitions = to.of(topic).map((offset, partition) => ({ partition, offset: String(offset) }));
      // It knows the leaders only of topics that it was asked about.
      await admin.fetchTopicOffsets(names.full(topic));
      await admin.deleteTopicRecords({ topic: names.full(topic), partitions });
    }
    await expect(readAll(from, to)).rejects.toThrow(PlaceLost);
    const { heard, losses } = follow(from);
    await until(() => losses.length > 0, { what: 'the loss' });
    const values = await append(8);
    await until(() => heard.length >= 8, { what: 'what comes after' });
    expect(sorted(heard)).toEqual(values);
    expect((await bounds()).first.of(SOME[0] ?? EVENT_TOPICS[0])).toEqual(to.of(SOME[0] ?? EVENT_TOPICS[0]));
  });

  it('cost no connection while nobody follows', async () => {
    const { next } = await bounds();
    const callOff = sut.follow(next, { heard: () => undefined, lost: () => undefined });
    await append(1);
    callOff();
    await until(() => line.connections === 0, { what: 'the end of all connections' });
  });

  it('cannot be had while Kafka is away, and can when it is back', async () => {
    line.cut();
    await expect(sut.bounds()).rejects.toThrow();
    line.mend();
    await bounds();
  });
});
