import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { Kafka, logLevel, type Admin } from 'kafkajs';
import { SNAPSHOT_TOPIC, TOPIC_SUFFIXES, TopicNames } from '../../src/messages/index.js';
import { ensureTopics, TopicError } from '../../src/runtime/kafka/topics.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';
import { createTopics, deleteTopics } from '../support/topics.js';

const TIMESTAMPS = 'message.timestamp.type';

describeStack('the topics', ['kafka'], () => {
  const names = new TopicNames(uniqueName('topics'));
  const others = new TopicNames(uniqueName('topics'));
  const old = names.full('evt.node-introspection.v1');
  const snapshots = names.full(SNAPSHOT_TOPIC);
  let admin: Admin;

  const configOf = async (topic: string): Promise<Record<string, string>> => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
    });
    return Object.fromEntries(
      resources.flatMap(({ configEntries }) => configEntries.map((entry) => [entry.configName, entry.configValue])),
    );
  };

  /** A broker takes a change of settings on some moments after it has said yes to it. */
  const isAltered = (topic: string) =>
    until(async () => (await configOf(topic))[TIMESTAMPS] === 'LogAppendTime', { what: `${topic} to be altered` });

  /** As the transport does at its start, again and again: a busy broker takes longer than a client waits for the answer. */
  const ensured = (of: TopicNames, partitions: number) =>
    until(() => ensureTopics(admin, of, partitions).then(() => true), { what: 'the topics' });

  beforeAll(async () => {
    admin = new Kafka({ brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, [
      {
        topic: old,
        numPartitions: 3,
        configEntries: [
          { name: TIMESTAMPS, value: 'CreateTime' },
          { name: 'retention.ms', value: '1234567' },
        ],
      },
      {
        topic: snapshots,
        numPartitions: 3,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'segment.ms', value: '7654321' },
        ],
      },
    ]);
    await ensured(names, 2);
  });

  afterAll(async () => {
    await deleteTopics(
      admin,
      [names, others].flatMap((of) => TOPIC_SUFFIXES.map((suffix) => of.full(suffix))),
    );
    await admin.disconnect();
  });

  it('that are missing are made, stamped by the broker and kept for seven days', async () => {
    const topic = names.full('intent.consul.v1');
    expect(await configOf(topic)).toMatchObject({ [TIMESTAMPS]: 'LogAppendTime', 'retention.ms': '604800000' });
    expect(await admin.fetchTopicOffsets(topic)).toHaveLength(2);
  });

  it('that are there are altered where senders stamped them, and keep what else was set', async () => {
    await isAltered(old);
    expect(await configOf(old)).toMatchObject({ [TIMESTAMPS]: 'LogAppendTime', 'retention.ms': '1234567' });
    expect(await admin.fetchTopicOffsets(old)).toHaveLength(3);
  });

  it('keeps the newest record of each node, whoever made the topic, and tombstones for seven days', async () => {
    await isAltered(snapshots);
    expect(await configOf(snapshots)).toMatchObject({
      'cleanup.policy': 'compact',
      [TIMESTAMPS]: 'LogAppendTime',
      'segment.ms': '7654321',
    });
    await ensured(others, 1);
    expect(await configOf(others.full(SNAPSHOT_TOPIC))).toMatchObject({
      'cleanup.policy': 'compact',
      'delete.retention.ms': '604800000',
    });
    expect(await configOf(others.full('dlq.v1'))).toMatchObject({ 'cleanup.policy': 'delete' });
  });

  it('can be made sure of again', async () => {
    await ensured(names, 2);
    expect(await configOf(old)).toMatchObject({ 'retention.ms': '1234567' });
  });

  describe('where altering is not permitted', () => {
    const refusing = (): Pick<Admin, 'listTopics' | 'describeConfigs' | 'alterConfigs' | 'fetchTopicOffsets'> => ({
      listTopics: () => admin.listTopics(),
      fetchTopicOffsets: (topic) => admin.fetchTopicOffsets(topic),
      describeConfigs: async (request) => {
        const answer = await admin.describeConfigs(request);
        for (const entry of answer.resources.flatMap(({ configEntries }) => configEntries)) {
          if (entry.configName === TIMESTAMPS) entry.configValue = 'CreateTime';
        }
        return answer;
      },
      alterConfigs: () =>
        Promise.reject(Object.assign(new Error('not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED' })),
    });

    it('every topic is named, with what to do', async () => {
      const refused = ensureTopics(refusing() as Admin, names, 2);
      await expect(refused).rejects.toBeInstanceOf(TopicError);
      await expect(refused).rejects.toThrow(`${old} has ${TIMESTAMPS}=CreateTime, needs LogAppendTime`);
      await expect(refused).rejects.toThrow(/set it by hand, or allow AlterConfigs/);
    });
  });
});
