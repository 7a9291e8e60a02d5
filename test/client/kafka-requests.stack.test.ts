import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { KafkaTransport, type Listener } from '../../src/client/index.js';
import { encode, TopicNames, topicOf, type Message } from '../../src/messages/index.js';
import { addressOf, describeStack, uniqueName } from '../support/stack.js';
import { createTopics } from '../support/topics.js';
import { answer } from './answers.js';

/** For a broker that has other work to do. */
const PATIENCE_MS = 60_000;
const TYPES = ['NODE_INTROSPECTION', 'NODE_REGISTRATION_ACKED', 'REGISTRY_REQUEST_INTROSPECTION'] as const;

function request(target?: string): Message {
  return {
    ...answer('NODE_BECAME_ACTIVE'),
    eventType: 'REGISTRY_REQUEST_INTROSPECTION',
    payload: { nodeId: target ?? 'rollcall', targetNodeId: target },
  };
}

describeStack('requests to introspect, over Kafka', ['kafka'], () => {
  jest.setTimeout(300_000);
  const names = new TopicNames(uniqueName('requests'));
  const topics = TYPES.map((type) => names.full(topicOf(type)));
  let admin: Admin;
  let registry: Producer;
  let transport: KafkaTransport;

  beforeAll(async () => {
    const kafka = new Kafka({
      brokers: addressOf('kafka').split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 15_000,
      requestTimeout: 2 * PATIENCE_MS,
    });
    admin = kafka.admin();
    registry = kafka.producer({ allowAutoTopicCreation: false });
    await Promise.all([admin.connect(), registry.connect()]);
    await createTopics(
      admin,
      topics.map((topic) => ({ topic, numPartitions: 3 })),
    );
    transport = new KafkaTransport({
      brokers: addressOf('kafka').split(','),
      topicPrefix: names.prefix,
      clientId: uniqueName('transport'),
    });
  });
  afterAll(async () => {
    await transport?.close();
    await admin.deleteTopics({ topics, timeout: PATIENCE_MS });
    await Promise.all([admin.disconnect(), registry.disconnect()]);
  });

  it('are heard when they are to all, or to a node of ours', async () => {
    const heard: (string | null)[] = [];
    const listener: Listener = {
      types: ['REGISTRY_REQUEST_INTROSPECTION'],
      knows: (nodeId) => nodeId === 'n-1',
      hear: ({ nodeId }) => heard.push(nodeId),
      heardAll: () => undefined,
      trouble: () => undefined,
    };
    await transport.open(listener);
    await registry.sendBatch({
      topicMessages: [
        {
          topic: names.full(topicOf('REGISTRY_REQUEST_INTROSPECTION')),
          messages: [
            ...[request(), request('n-1'), request('n-2')].map((message) => ({
              key: message.payload.nodeId ?? '',
              value: encode(message),
            })),
            { key: 'rollcall', value: 'nonsense' },
          ],
        },
      ],
    });
    await transport.settle(AbortSignal.timeout(PATIENCE_MS));
    // What the broker did not answer in time comes once more.
    expect([...new Set(heard)].sort()).toEqual([null, 'n-1'].sort());
  });
});
