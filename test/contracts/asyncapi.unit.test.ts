import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { asyncApiDocument } from '../../src/api/asyncapi/document.js';
import { eventReference } from '../../src/api/asyncapi/event-reference.js';
import {
  decode,
  encode,
  MESSAGE_TYPES,
  messagesOn,
  TOPIC_SUFFIXES,
  TOPICS,
  type MessageType,
  type TopicSuffix,
} from '../../src/messages/index.js';
import { PAYLOADS_ON_THE_WIRE, topicFor, onTheWire } from '../support/wire.js';
import { committed, mistakesOf, packaged, referencesIn, resolved, withFormats, type Json } from './json-schema.js';

type Channel = { readonly address: string; readonly messages: Json; readonly bindings: { readonly kafka: Json } };
type Operation = {
  readonly action: string;
  readonly channel: { readonly $ref: string };
  readonly tags: readonly { readonly name: string }[];
};
type Described = {
  readonly payload: Json;
  readonly headers: Json;
  readonly examples: readonly { readonly payload: Json | null; readonly headers?: Json }[];
};
type Document = {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: {
    readonly messages: Readonly<Record<string, Described>>;
    readonly schemas: Readonly<Record<string, Json>>;
  };
};

const document = asyncApiDocument({ version: '1.2.3', topicPrefix: 'dev.onex' }) as unknown as Document & Json;
const official = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const isAsyncApi = official.compile(packaged('@asyncapi/specs/schemas/3.0.0-without-$id.json'));

/** Checks whole messages against the document, as its readers would. */
const ajv = withFormats(new Ajv({ strict: false, allErrors: true, schemas: [{ ...document, $id: 'asyncapi' }] }));
const messageCheck = (name: string) => {
  const check = ajv.getSchema(`asyncapi#/components/messages/${name}/payload`);
  if (check === undefined) throw new Error(`the document has no message ${name}`);
  return check;
};

describe('the AsyncAPI document', () => {
  it('is one of AsyncAPI 3, by its own schema', () => {
    isAsyncApi(document);
    expect(mistakesOf(isAsyncApi.errors)).toEqual([]);
  });

  it.each([
    [
      'an action that there is not',
      (copy: Document) => Object.assign(copy.operations['sendNodeBecameActive']!, { action: 'shout' }),
    ],
    [
      'a policy that Kafka has not',
      (copy: Document) =>
        Object.assign(copy.channels['dlq']!.bindings.kafka, { topicConfiguration: { 'cleanup.policy': ['burn'] } }),
    ],
    [
      'a message of another form',
      (copy: Document) => Object.assign(copy.components.messages['DEAD_LETTER']!, { colour: 'red' }),
    ],
  ])('would be found wrong with %s', (_, change) => {
    const copy = structuredClone(document) as Document;
    change(copy);
    expect(isAsyncApi(copy)).toBe(false);
  });

  it('is the committed one, but for its version', () => {
    const { info: _info, ...rest } = committed('asyncapi.json');
    const { info: _ours, ...ours } = JSON.parse(JSON.stringify(document)) as Json;
    expect(ours).toEqual(rest);
  });

  it('refers only to what is there', () => {
    const references = referencesIn(document);
    expect(references.length).toBeGreaterThan(200);
    expect(references.filter((reference) => resolved(document, reference) === undefined)).toEqual([]);
  });

  it('has every topic with its messages, and every message', () => {
    const topics = Object.values(document.channels).map(({ address, messages }) => [address, Object.keys(messages)]);
    const tombstones = (topic: TopicSuffix) => (topic.startsWith('snapshot.') ? ['TOMBSTONE'] : []);
    expect(topics).toEqual(
      TOPIC_SUFFIXES.map((topic) => [`{topicPrefix}.${topic}`, [...messagesOn(topic), ...tombstones(topic)]]),
    );
    expect(Object.keys(document.components.messages)).toEqual([...MESSAGE_TYPES, 'TOMBSTONE']);
  });

  it('says of every topic how long it is kept', () => {
    const policies = Object.entries(document.channels).map(([name, { bindings }]) => {
      const { 'cleanup.policy': policy, 'retention.ms': retention } = bindings.kafka['topicConfiguration'] as Json;
      return [name, policy, retention];
    });
    expect(policies.filter(([name]) => name === 'snapshotNodeRegistrations')).toEqual([
      ['snapshotNodeRegistrations', ['compact'], undefined],
    ]);
    expect(
      new Set(
        policies.filter(([name]) => name !== 'snapshotNodeRegistrations').map(([, ...rest]) => JSON.stringify(rest)),
      ),
    ).toEqual(new Set(['[["delete"],604800000]']));
  });

  it('sends what others read and receives what others write', () => {
    const done = (action: string, tag: string) =>
      Object.values(document.operations)
        .filter((operation) => operation.action === action && operation.tags.some(({ name }) => name === tag))
        .map(({ channel }) => (resolved(document, channel.$ref) as Channel).address.replace('{topicPrefix}.', ''));
    const withParty = (side: 'producers' | 'consumers', party: string) =>
      TOPIC_SUFFIXES.filter((topic) => (TOPICS[topic][side] as readonly string[]).includes(party));
    expect(done('receive', 'node')).toEqual(withParty('producers', 'node'));
    expect(done('send', 'node')).toEqual(withParty('consumers', 'node'));
    expect(done('send', 'subscriber')).toEqual(withParty('consumers', 'subscriber'));
    expect(done('send', 'internal')).toContain('intent.consul.v1');
  });

  it('describes every field', () => {
    const silent = Object.entries(document.components.schemas).flatMap(([type, schema]) => undescribed(schema, type));
    expect(silent).toEqual([]);
  });
});

describe.each(MESSAGE_TYPES)('%s', (type) => {
  const [example] = document.components.messages[type]!.examples;

  it('has an example that fits its schema, and that we read', () => {
    const check = messageCheck(type);
    void check(example?.payload);
    expect(mistakesOf(check.errors)).toEqual([]);
    const text = JSON.stringify(example?.payload);
    const key = String((example?.payload?.['payload'] as Json)['node_id']);
    const decoded = decode(topicFor(type), { key, value: Buffer.from(text) });
    if (!decoded.ok) throw new Error(decoded.reason);
    // Nothing that we would leave out: an example has no misspelt field.
    expect(JSON.parse(encode(decoded.message))).toEqual(withDefaults(type, example?.payload ?? {}));
  });

  it('has a schema that takes what the codec takes', () => {
    const check = messageCheck(type);
    void check(onTheWire(type, PAYLOADS_ON_THE_WIRE[type]));
    expect(mistakesOf(check.errors)).toEqual([]);
  });

  it('has a schema that refuses what the codec refuses', () => {
    const whole = onTheWire(type, PAYLOADS_ON_THE_WIRE[type]);
    for (const name of ['event_id', 'correlation_id', 'payload']) {
      const { [name]: _gone, ...rest } = whole;
      expect({ name, taken: messageCheck(type)(rest) }).toEqual({ name, taken: false });
    }
    expect(messageCheck(type)({ ...whole, payload: { ...PAYLOADS_ON_THE_WIRE[type], node_id: 1 } })).toBe(false);
    expect(messageCheck(type)({ ...whole, event_type: 'NODE_SANG' })).toBe(false);
  });
});

describe('the reference of events', () => {
  it('has every topic and every message, with the example that the document has', () => {
    const page = eventReference();
    for (const topic of TOPIC_SUFFIXES) expect(page).toContain(`### ${topic}\n`);
    for (const type of MESSAGE_TYPES) expect(page.split(`**${type}.** `)).toHaveLength(2);
    const { payload } = document.components.messages['NODE_REGISTRATION_SNAPSHOT']!.examples[0]!.payload as Json;
    expect(page).toContain(JSON.stringify(payload, null, 2));
  });
});

/** What a node may leave out stands there when we write it. */
function withDefaults(type: MessageType, message: Json): Json {
  const { payload, ...rest } = message;
  return type === 'NODE_INTROSPECTION' || type === 'REGISTER_NODE'
    ? { ...rest, payload: { reason: 'startup', ...(payload as Json) } }
    : message;
}

/** Fields without a word, by their paths. What stands in a choice is described with it. */
function undescribed(schema: Json, path: string): readonly string[] {
  return Object.entries((schema['properties'] as Readonly<Record<string, Json>> | undefined) ?? {}).flatMap(
    ([name, field]) => {
      const own = `${path}.${name}`;
      const isTold =
        field['description'] !== undefined || field['const'] !== undefined || TOLD_BY_THEIR_NAMES.has(name);
      return [...(isTold ? [] : [own]), ...undescribed(field, own)];
    },
  );
}

/** Of an intent: its layers, and the names of an entry in Consul. */
const TOLD_BY_THEIR_NAMES = new Set(['intent', 'intent_type', 'payload', 'consul_node', 'service_id', 'service_name']);
