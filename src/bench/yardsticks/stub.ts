/**
 * The yardstick `rAll`: moves the bytes of whole handshakes through Kafka, PostgreSQL and Consul with the durability that the registry
 * has, and decides nothing. It knows no state, no deadline, no duplicate, no failure: what it takes, nothing that registers nodes there
 * can do without.
 *
 *     introspection in -> { row, journal row | Consul service, check critical } -> *accepted* out -> offsets
 *     ack in           -> { row, journal row | Consul check passing }           -> *active* out   -> offsets
 */
import { Kafka, logLevel, Partitioners, type KafkaMessage, type Producer } from 'kafkajs';
import { Pool } from 'pg';
import { topicOf, TopicNames } from '../../messages/index.js';
import { serve } from '../children/serve.js';
import type { Place } from '../scenario.js';
import { createSyntheticNodes, MAX_OPERATIONS } from '../world/synthetic-nodes.js';
import { createTopics } from '../world/topics.js';
import { createAnswers } from './answers.js';
import { setCheck, setService, Transactions } from './consul-operations.js';
import { consume } from './consume.js';
import { createTables, writeActive, writeRegistered, type Row } from './rows.js';

type Settings = Place & {
  readonly brokers: readonly string[];
  readonly consulUrl: string;
  readonly consulConnections: number;
};

/** What is read of a message. */
type Envelope = {
  readonly event_id: string;
  readonly correlation_id: string;
  readonly payload: { readonly node_id: string };
};
type Input = { readonly envelope: Envelope; readonly row: Row };

await serve(
  async ({ brokers, consulUrl, consulConnections, databaseUrl, topicPrefix, groupPrefix, registryId }: Settings) => {
    const names = new TopicNames(topicPrefix);
    const topics = {
      introspection: names.full(topicOf('NODE_INTROSPECTION')),
      acked: names.full(topicOf('NODE_REGISTRATION_ACKED')),
      accepted: names.full(topicOf('NODE_REGISTRATION_ACCEPTED')),
      rejected: names.full(topicOf('NODE_REGISTRATION_REJECTED')),
      active: names.full(topicOf('NODE_BECAME_ACTIVE')),
    };
    const pool = new Pool({ connectionString: databaseUrl, max: 4 });
    const consul = new Transactions(consulUrl, consulConnections);
    const kafka = new Kafka({ clientId: 'bench-stub', brokers: [...brokers], logLevel: logLevel.ERROR });
    const producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    const answers = createAnswers();
    await Promise.all([
      createTables(pool),
      createSyntheticNodes(consulUrl, registryId),
      createTopics(brokers, Object.values(topics)),
    ]);
    await producer.connect();

    const consumers = await Promise.all([
      consume(kafka, `${groupPrefix}.introspections`, topics.introspection, async (messages) => {
        const inputs = messages.map(inputOf);
        const entries = inputs.map(({ row: { nodeId } }) => ({ nodeId, registryId }));
        await Promise.all([
          writeRegistered(pool, rowsOf(inputs)),
          consul.put(
            entries.flatMap((entry) => [setService(entry), setCheck(entry, 'critical')]),
            MAX_OPERATIONS,
          ),
        ]);
        await answer(producer, topics.accepted, 'NODE_REGISTRATION_ACCEPTED', inputs, answers.accepted);
      }),
      consume(kafka, `${groupPrefix}.acks`, topics.acked, async (messages) => {
        const inputs = messages.map(inputOf);
        await Promise.all([
          writeActive(pool, rowsOf(inputs)),
          consul.put(
            inputs.map(({ row: { nodeId } }) => setCheck({ nodeId, registryId }, 'passing')),
            MAX_OPERATIONS,
          ),
        ]);
        await answer(producer, topics.active, 'NODE_BECAME_ACTIVE', inputs, answers.active);
      }),
    ]);
    return {
      answers: {},
      async close() {
        await Promise.all(consumers.map((consumer) => consumer.disconnect()));
        await Promise.all([producer.disconnect(), pool.end(), consul.close()]);
      },
    };
  },
);

async function answer(
  producer: Producer,
  topic: string,
  eventType: string,
  inputs: readonly Input[],
  text: (nodeId: string, correlationId: string, causationId: string) => string,
): Promise<void> {
  const messages = inputs.map(({ row: { nodeId }, envelope: { correlation_id, event_id } }) => ({
    key: nodeId,
    value: text(nodeId, correlation_id, event_id),
    headers: { 'content-type': 'application/json', event_type: eventType, correlation_id },
  }));
  await producer.send({ topic, acks: -1, messages });
}

function rowsOf(inputs: readonly Input[]): readonly Row[] {
  return inputs.map(({ row }) => row);
}

function inputOf({ value }: KafkaMessage): Input {
  const text = value?.toString() ?? '';
  const envelope = JSON.parse(text) as Envelope;
  const { event_id: eventId, payload } = envelope;
  return { envelope, row: { nodeId: payload.node_id, record: JSON.stringify(payload), eventId, input: text } };
}
