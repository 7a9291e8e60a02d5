import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';
import { pino } from 'pino';
import { TopicNames } from '../../src/messages/index.js';
import { EventTap } from '../../src/runtime/kafka/event-tap.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';
import { KafkaLine } from './kafka-line.js';

const TOPICS = ['evt.node-became-active.v1', 'evt.node-deregistered.v1'] as const;
const PARTITIONS = 2;
/** Longer than a test. */
const NEVER_MS = 600_000;

describeStack('the tap of the log', ['kafka'], () => {
  const names = new TopicNames(uniqueName('tap'));
  const fullNames = TOPICS.map((suffix) => names.full(suffix));
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;

  let line: KafkaLine;
  let tapsAdmin: Admin;
  let groupPrefix: string;
  let sut: EventTap;
  let consumers: Consumer[];
  /** Set while nobody listens. */
  let silence: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  /** In the order in which the tap was told. */
  let told: (LogRecord | 'missed')[];

  const heard = () => told.filter((event) => event !== 'missed');
  const isReading = () => until(() => told.includes('missed'), { what: 'the first fetch' });
  const groups = async () =>
    (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(groupPrefix));

  const makeTopics = (topics = fullNames) =>
    createTopics(
      admin,
      topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );

  /** To every partition of every topic; tells how much the tap had been told by then. */
  async function append(...values: readonly string[]): Promise<{ values: readonly string[]; toldBefore: number }> {
    const messages = values.flatMap((value) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({ key: 'node', value, partition })),
    );
    await producer.sendBatch({ topicMessages: fullNames.map((topic) => ({ topic, messages })) });
    return { values, toldBefore: told.length };
  }

  /** Every copy of every value was heard, or something was missed after it had been appended. */
  const noticed = ({ values, toldBefore }: { values: readonly string[]; toldBefore: number }) =>
    told.slice(toldBefore).includes('missed') || copiesHeard(values) >= values.length * TOPICS.length * PARTITIONS;
  const copiesHeard = (values: readonly string[]) =>
    heard().filter(({ value }) => values.includes(String(value))).length;

  /** Values by place, in the order in which they were heard. */
  function byPlace(): Record<string, string[]> {
    const places: Record<string, string[]> = {};
    for (const { topic, partition, value } of heard()) (places[`${topic}/${partition}`] ??= []).push(String(value));
    return places;
  }
  const everywhere = (values: readonly string[]) =>
    Object.fromEntries(TOPICS.flatMap((topic) => [0, 1].map((partition) => [`${topic}/${partition}`, values])));

  function beSilent(): void {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    silence = { over, end };
  }
  function listen(): void {
    silence?.end();
    silence = undefined;
  }
  const takesBatch = () => new Promise((resolve) => consumers.at(-1)?.on('consumer.start_batch_process', resolve));

  function start(watchIntervalMs = NEVER_MS): void {
    sut = new EventTap({
      kafka: line.kafka,
      admin: tapsAdmin,
      names,
      groupPrefix,
      log: pino({ level: 'silent' }),
      watchIntervalMs,
      restAfterMs: 0,
      tap: {
        topics: TOPICS,
        silence: () => silence?.over,
        heard: (records) => told.push(...records),
        missed: () => told.push('missed'),
      },
    });
    sut.start();
  }

  beforeAll(async () => {
    kafka = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    producer = kafka.producer({ allowAutoTopicCreation: false });
    await Promise.all([admin.connect(), producer.connect()]);
    await makeTopics();
  });

  beforeEach(() => {
    told = [];
    silence = undefined;
    consumers = [];
    groupPrefix = uniqueName('tap-groups');
    line = new KafkaLine();
    tapsAdmin = line.kafka.admin();
    const create = line.kafka.consumer.bind(line.kafka);
    jest.spyOn(line.kafka, 'consumer').mockImplementation((config) => {
      const consumer = create(config);
      consumers.push(consumer);
      return consumer;
    });
  });

  afterEach(async () => {
    line.mend();
    await until(
      async () => {
        // Again, where a member leaves late: its group can be deleted only then.
        await sut.close();
        return (await groups()).length === 0;
      },
      { what: 'the end of the groups' },
    );
    await tapsAdmin.disconnect();
  });

  afterAll(async () => {
    await deleteTopics(admin, fullNames);
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('hears everything that is appended after its start, in the order of each partition', async () => {
    await append('before');
    start();
    await isReading();
    const values = Array.from({ length: 50 }, (_, index) => `v-${index}`);
    for (const value of values) await append(value);
    await until(() => copiesHeard(values) === 200, { what: 'all values' });
    expect(byPlace()).toEqual(everywhere(values));
    expect(told.indexOf('missed')).toBe(0);
    expect(told.filter((event) => event === 'missed')).toHaveLength(1);
  });

  it('hears records as the log has them, and does not look into their values', async () => {
    start();
    await isReading();
    const headers = { event_type: 'NODE_BECAME_ACTIVE' };
    await producer.send({ topic: names.full(TOPICS[0]), messages: [{ key: null, value: '{ no JSON', headers }] });
    await until(() => heard().length > 0, { what: 'the record' });
    const [record] = heard();
    const { topic, topicName, partition, offset, key, value, headers: its, appendedAt } = record!;
    expect({ topic, topicName, partition, offset, key, value, headers: its, appendedAt }).toEqual({
      topic: TOPICS[0],
      topicName: names.full(TOPICS[0]),
      partition: expect.any(Number),
      offset: expect.stringMatching(/^\d+$/),
      key: null,
      value: Buffer.from('{ no JSON'),
      headers,
      appendedAt: expect.any(Number),
    });
  });

  it('notices what was appended before its first fetch', async () => {
    start();
    const early: Awaited<ReturnType<typeof append>>[] = [];
    while (!told.includes('missed')) early.push(await append(`early-${early.length}`));
    await until(() => early.every(noticed), { what: 'the early values' });
    expect(early.length).toBeGreaterThan(0);
  });

  it('rests while nobody listens; who comes is told of what was missed, and hears the rest', async () => {
    start();
    await isReading();
    beSilent();
    for (const round of [1, 2]) {
      const taken = takesBatch();
      await append(`for nobody ${round}`);
      await taken;
      await append(`for nobody either ${round}`);
      const toldBefore = told.length;
      listen();
      await until(() => told.slice(toldBefore).includes('missed'), { what: 'the end of the rest' });
      const values = [`a ${round}`, `b ${round}`];
      for (const value of values) await append(value);
      await until(() => copiesHeard(values) === 8, { what: 'the values after the rest' });
      beSilent();
    }
    expect(byPlace()).toEqual(everywhere(['a 1', 'b 1', 'a 2', 'b 2']));
    expect(consumers).toHaveLength(1);
  });

  it('takes part in a rebalance while it rests, and is closed while it rests', async () => {
    start();
    await isReading();
    beSilent();
    const taken = takesBatch();
    await append('for nobody');
    await taken;
    const [groupId = 'none'] = await groups();
    const intruder = kafka.consumer({ groupId });
    const joined = new Promise((resolve) => intruder.on('consumer.group_join', resolve));
    await intruder.connect();
    await intruder.subscribe({ topics: fullNames });
    await intruder.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await joined;
    const rejoined = new Promise((resolve) => consumers[0]?.on('consumer.group_join', resolve));
    await intruder.disconnect();
    await rejoined;
    const takenAnew = takesBatch();
    await append('for nobody either');
    await takenAnew;
    expect(heard()).toEqual([]);
    expect(consumers).toHaveLength(1);
  });

  it('commits nothing', async () => {
    start();
    await isReading();
    const { values } = await append('uncommitted');
    await until(() => copiesHeard(values) === 4, { what: 'the values' });
    const [groupId = 'none'] = await groups();
    const offsets = (await admin.fetchOffsets({ groupId, topics: fullNames })).flatMap(({ partitions }) => partitions);
    expect(offsets.map(({ offset }) => offset)).toEqual(['-1', '-1', '-1', '-1']);
  });

  it('hears everything through a rebalance of its group, and says that it was away', async () => {
    start();
    await isReading();
    const [groupId = 'none'] = await groups();
    const intruder = kafka.consumer({ groupId });
    await intruder.connect();
    await intruder.subscribe({ topics: fullNames });
    await intruder.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    const { values } = await append('a', 'b', 'c');
    const toldBefore = told.length;
    await intruder.disconnect();
    await until(() => copiesHeard(values) === 12, { what: 'all values' });
    expect(byPlace()).toEqual(everywhere(values));
    await until(() => told.slice(toldBefore).includes('missed'), { what: 'the end of the rebalance' });
    expect(consumers).toHaveLength(1);
  });

  it('notices what is appended while its connections break', async () => {
    start();
    await isReading();
    line.cut();
    const away = await append('away');
    line.mend();
    await until(() => noticed(away), { what: 'the values of the interruption' });
    const { values } = await append('back');
    await until(() => copiesHeard(values) === 4, { what: 'the values after it' });
  });

  it('replaces a consumer that crashed in an outage, and says that it missed something', async () => {
    start();
    await isReading();
    const [oldGroup = 'none'] = await groups();
    const crashed = new Promise((resolve) => consumers[0]?.on('consumer.crash', resolve));
    const appended = [await append('up')];
    line.cut();
    appended.push(await append('down'));
    await crashed;
    appended.push(await append('crashed'));
    const toldBefore = told.length;
    line.mend();
    await until(() => appended.every(noticed), { what: 'all values' });
    expect(told.slice(toldBefore)).toContain('missed');
    const { values } = await append('back');
    await until(() => copiesHeard(values) === 4, { what: 'the values after the crash' });
    expect(consumers.length).toBeGreaterThan(1);
    // The dead member could not leave; when its session is over, closing deletes its group as well.
    await until(async () => (await admin.describeGroups([oldGroup])).groups[0]?.members.length === 0, {
      what: 'the end of the dead member',
    });
  });

  it('starts without Kafka, and is there when Kafka is', async () => {
    line.cut();
    start();
    await expect(tapsAdmin.listTopics()).rejects.toThrow();
    line.mend();
    await until(() => told.includes('missed'), { what: 'the first fetch' });
    const { values } = await append('late');
    await until(() => copiesHeard(values) === 4, { what: 'the values' });
  });

  it('is closed while Kafka is away', async () => {
    line.cut();
    start();
    await sut.close();
    expect(told).toEqual([]);
    // What the tap had asked goes on in the admin client, which would connect even after its disconnect. It asks in turn.
    await expect(tapsAdmin.fetchTopicOffsets(names.full(TOPICS[0]))).rejects.toThrow();
  });

  it('replaces a consumer that stands still without a crash', async () => {
    const intervals = jest.spyOn(globalThis, 'setInterval');
    start();
    await isReading();
    const [watch] = intervals.mock.calls.find(([, ms]) => ms === NEVER_MS) ?? [];
    consumers[0]?.pause([{ topic: names.full(TOPICS[1]) }]);
    const unheard = await append('paused');
    await until(
      () => {
        // By hand: on a machine that stalls it would take the new consumer for one that stands still, too.
        (watch as () => void)();
        return noticed(unheard);
      },
      { everyMs: 200, what: 'the new consumer' },
    );
    const { values } = await append('read');
    await until(() => copiesHeard(values) === 4, { what: 'the values' });
    expect(consumers).toHaveLength(2);
  });

  it('begins anew when a topic is made anew under it', async () => {
    await append('one', 'two', 'three');
    start(200);
    await isReading();
    await deleteTopics(admin, [names.full(TOPICS[0])]);
    await makeTopics([names.full(TOPICS[0])]);
    const anew = await until(() => append('anew'), { what: 'the new topic' });
    await until(() => noticed(anew), { what: 'the values of the new topic' });
    await until(async () => copiesHeard((await append('then')).values) > 0, { what: 'new values' });
  });
});
