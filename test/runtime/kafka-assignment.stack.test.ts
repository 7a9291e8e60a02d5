import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { pino } from 'pino';
import { TopicNames, type TopicSuffix } from '../../src/messages/index.js';
import { GroupConsumer } from '../../src/runtime/kafka/group-consumer.js';
import { Publisher } from '../../src/runtime/kafka/publisher.js';
import { tuneKafkajs } from '../../src/runtime/kafka/tuned/tune-kafkajs.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';

const PARTITIONS = 6;
const INTENTS = 'intent.consul.v1';
const RESULTS = 'evt.registry-effect-result.v1';
const ACKS = 'cmd.node-registration-acked.v1';
const TOPICS: readonly TopicSuffix[] = [INTENTS, RESULTS, ACKS];
const GROUPS: Readonly<Record<string, readonly TopicSuffix[]>> = { effect: [INTENTS], machines: [ACKS, RESULTS] };

describeStack('several processes', ['kafka'], () => {
  const names = new TopicNames(uniqueName('assigned'));
  const prefix = uniqueName('assigned-groups');
  const log = pino({ level: 'silent' });
  const received: LogRecord[] = [];
  let kafka: Kafka;
  let admin: Admin;
  let publisher: Publisher;
  let open: (() => Promise<void>)[] = [];

  const processOf = (instance: string) => {
    const consumers = Object.entries(GROUPS).map(([group, topics]) => {
      const handle = (records: readonly LogRecord[]): Promise<void> => {
        received.push(...records);
        return Promise.resolve();
      };
      return new GroupConsumer(kafka, `${prefix}.${group}`, { group, topics, handle }, names, log, instance);
    });
    for (const consumer of consumers) consumer.start();
    const close = async (): Promise<void> => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    };
    open.push(close);
    const assigned = (): string[] =>
      consumers.flatMap((consumer) =>
        [...consumer.assigned()].map(([topic, partitions]) => `${topic}: ${[...partitions].sort().join(' ')}`),
      );
    return { assigned, close };
  };
  /** Once a process has three partitions of every topic, they are the same numbers. */
  const half = (assigned: readonly string[]): string | undefined => {
    const numbers = new Set(assigned.map((text) => text.slice(text.indexOf(': ') + 2)));
    const [only] = numbers;
    return assigned.length === TOPICS.length && numbers.size === 1 && only?.length === 5 ? only : undefined;
  };

  beforeAll(async () => {
    tuneKafkajs();
    kafka = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    publisher = new Publisher(kafka, names);
    await Promise.all([admin.connect(), publisher.connect()]);
    const topics = TOPICS.map((topic) => ({ topic: names.full(topic), numPartitions: PARTITIONS }));
    await createTopics(admin, topics);
  });

  afterEach(async () => {
    await Promise.all(open.map((close) => close()));
    open = [];
  });

  afterAll(async () => {
    await deleteTopics(
      admin,
      TOPICS.map((topic) => names.full(topic)),
    );
    await Promise.all([admin.disconnect(), publisher.close()]);
  });

  it('have each the same partitions of all topics in all groups, and one that is alone has all of them', async () => {
    const first = processOf('first');
    await until(() => first.assigned().filter((text) => text.endsWith('0 1 2 3 4 5')).length === TOPICS.length, { what: 'all partitions' }); // prettier-ignore
    const second = processOf('second');
    const [ofFirst, ofSecond] = await until(
      () => {
        const halves = [half(first.assigned()), half(second.assigned())];
        return halves.every((numbers) => numbers !== undefined) ? halves : null;
      },
      { what: 'halves' },
    );
    expect(`${ofFirst} ${ofSecond}`.split(' ').sort().join(' ')).toBe('0 1 2 3 4 5');
  });

  it('share the partitions with one that knows round robin only', async () => {
    const topic = names.full(INTENTS);
    const old = kafka.consumer({ groupId: `${prefix}.effect`, sessionTimeout: 10_000 });
    let ofOld: readonly number[] = [];
    let protocol = '';
    old.on(old.events.GROUP_JOIN, ({ payload }) => {
      ofOld = payload.memberAssignment[topic] ?? [];
      protocol = payload.groupProtocol;
    });
    open.push(() => old.disconnect());
    await old.connect();
    await old.subscribe({ topics: [topic] });
    await old.run({ eachBatch: () => Promise.resolve() });
    const fresh = processOf('new');
    await until(() => ofOld.length === 3 && fresh.assigned().some((text) => text.startsWith(INTENTS)), {
      what: 'halves',
    });
    expect(protocol).toBe('RoundRobinAssigner');
  });

  it('learn with a publication where each record stands', async () => {
    received.length = 0;
    const records = Array.from({ length: 40 }, (_, index) => ({
      topic: TOPICS[index % TOPICS.length] ?? INTENTS,
      key: index === 7 ? null : `node-${index % 13}`,
      value: `${prefix} ${index}`,
      headers: {},
    }));
    const halves = [publisher.publish(records.slice(0, 15)), publisher.publish(records.slice(15))];
    const positions = (await Promise.all(halves)).flat();
    processOf('reader');
    // Where the group is joined anew meanwhile, some come again.
    await until(() => new Set(received.map(({ value }) => String(value))).size === 40, { what: 'the records' });
    for (const [index, { topic, value }] of records.entries()) {
      const read = received.find((record) => String(record.value) === value);
      expect({ topic, ...positions[index] }).toEqual({
        topic: read?.topic,
        partition: read?.partition,
        offset: Number(read?.offset),
        appendedAt: read?.appendedAt,
      });
    }
  });
});
