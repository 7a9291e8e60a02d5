import {
  isCompacted,
  isWrittenByOthers,
  MAX_VALUE_BYTES,
  MESSAGE_TYPES,
  messagesOn,
  NODE_ID_PATTERN,
  SNAPSHOT_VERSION_HEADER,
  TOPIC_SUFFIXES,
  TOPICS,
  topicSettings,
  type MessageType,
  type TopicSuffix,
} from '../../messages/index.js';
import { ABOUT, PARTIES } from './about.js';
import { exampleOf } from './examples.js';
import { operationsOf, type Channel } from './operations.js';
import { headerSchema, messageSchema, payloadSchema } from './schemas.js';

export type AsyncApiOptions = { readonly version: string; readonly topicPrefix: string };

/** As the registry makes topics unless told otherwise. */
const PARTITIONS = 6;
const TOMBSTONE = 'TOMBSTONE';

const DESCRIPTION = `A registry for fleets of nodes, by what travels on Kafka. The application that this describes is the registry: what it
receives, a node or an operator sends; what it sends, nodes and others receive. Keys are node ids, so that the order of a node's records holds
within a topic; over several topics it does not. Everything may come twice, with the same \`event_id\`. Unknown fields are to be passed over:
a release may add some. docs/events.md says it in words.`;

const CHANNELS: readonly Channel[] = TOPIC_SUFFIXES.map((topic) => ({
  name: channelName(topic),
  topic,
  messages: [...messagesOn(topic), ...(isCompacted(topic) ? [TOMBSTONE] : [])],
}));

/** `evt.node-heartbeat.v1` is the channel nodeHeartbeat; other kinds of topics keep their kind. */
function channelName(topic: TopicSuffix): string {
  const words = topic
    .replace(/^evt\./, '')
    .replace(/\.v\d+$/, '')
    .split(/[.-]/);
  return words.map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`)).join('');
}

/** AsyncAPI 3 of everything on Kafka, from the table of topics and the very schemas that decode. */
export function asyncApiDocument({ version, topicPrefix }: AsyncApiOptions) {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Rollcall', version, description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        host: '{broker}',
        protocol: 'kafka',
        description: 'KAFKA_BROKERS of the registry',
        variables: { broker: { default: '127.0.0.1:9092', description: 'host:port of a broker' } },
      },
    },
    channels: Object.fromEntries(CHANNELS.map((channel) => [channel.name, channelOf(channel)])),
    operations: Object.fromEntries(CHANNELS.flatMap(operationsOf)),
    components: {
      parameters: {
        topicPrefix: { description: 'TOPIC_PREFIX of the registry', default: topicPrefix, examples: [topicPrefix] },
      },
      correlationIds: {
        workflow: {
          description: 'The same for all that one introspection or command led to',
          location: '$message.payload#/correlation_id',
        },
      },
      messages: {
        ...Object.fromEntries(MESSAGE_TYPES.map((type) => [type, messageOf(type)])),
        [TOMBSTONE]: tombstone(),
      },
      schemas: Object.fromEntries(MESSAGE_TYPES.map((type) => [type, payloadSchema(type)])),
    },
  };
}

function channelOf({ topic, messages }: Channel) {
  const { producers, consumers } = TOPICS[topic];
  const from = producers.map((party) => PARTIES[party]).join(', ');
  const to = consumers.map((party) => PARTIES[party]).join(', ');
  const limit = isWrittenByOthers(topic) ? ` A value has at most ${MAX_VALUE_BYTES} bytes.` : '';
  return {
    address: `{topicPrefix}.${topic}`,
    title: topic,
    description: `From ${from} to ${to}.${limit}`,
    servers: [{ $ref: '#/servers/kafka' }],
    parameters: { topicPrefix: { $ref: '#/components/parameters/topicPrefix' } },
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { kafka: { partitions: PARTITIONS, topicConfiguration: settingsOf(topic), bindingVersion: '0.5.0' } },
  };
}

/** In the types that the binding has for them. */
function settingsOf(topic: TopicSuffix): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(topicSettings(topic)).map(([name, value]): [string, unknown] => {
      if (name === 'cleanup.policy') return [name, [value]];
      return [name, /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
}

function messageOf(type: MessageType) {
  return {
    name: type,
    title: type,
    summary: ABOUT[type],
    contentType: 'application/json',
    headers: headerSchema(type),
    payload: messageSchema(type),
    correlationId: { $ref: '#/components/correlationIds/workflow' },
    bindings: { kafka: { key: keySchema(type), bindingVersion: '0.5.0' } },
    examples: [{ name: type.toLowerCase(), payload: exampleOf(type) }],
  };
}

function keySchema(type: MessageType) {
  if (type === 'DEAD_LETTER') return { type: ['string', 'null'], description: 'The key of the original' };
  return { type: 'string', pattern: NODE_ID_PATTERN.source, description: '`node_id` of the payload' };
}

/** It has no value, and so is no message of ours; but it says something. */
function tombstone() {
  return {
    name: TOMBSTONE,
    title: 'Tombstone',
    summary: 'The node of the key takes no part any more. It goes with compaction, some days later.',
    headers: {
      type: 'object',
      properties: {
        [SNAPSHOT_VERSION_HEADER]: {
          type: 'string',
          description: "Version of the node's workflow that ended its part",
        },
      },
    },
    payload: { type: 'null' },
    bindings: { kafka: { key: keySchema('NODE_REGISTRATION_SNAPSHOT'), bindingVersion: '0.5.0' } },
    examples: [{ name: 'tombstone', headers: { [SNAPSHOT_VERSION_HEADER]: '4' }, payload: null }],
  };
}
