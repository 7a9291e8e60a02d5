import { describe, expect, it } from '@jest/globals';
import {
  DEADLINE_TOPICS,
  decode,
  encode,
  headersOf,
  MAX_VALUE_BYTES,
  MESSAGE_TYPES,
  messagesOn,
  TOPIC_SUFFIXES,
  type Decoded,
  type Message,
  type MessageType,
  type TopicSuffix,
} from '../../src/messages/index.js';
import { id, NODE } from '../support/builders.js';
import { onTheWire, PAYLOADS_ON_THE_WIRE, topicFor } from '../support/wire.js';

function read(type: MessageType, payload: unknown, fields = {}, topic = topicFor(type)): Decoded {
  return readText(JSON.stringify(onTheWire(type, payload, fields)), topic);
}

function readText(text: string, topic: TopicSuffix = 'evt.node-introspection.v1', key: string | null = NODE): Decoded {
  return decode(topic, { key, value: Buffer.from(text) });
}

function messageOf(decoded: Decoded): Message {
  if (!decoded.ok) throw new Error(`${decoded.cause}: ${decoded.reason}`);
  return decoded.message;
}

function introspected(fields: Readonly<Record<string, unknown>>) {
  const message = messageOf(read('NODE_INTROSPECTION', { node_id: NODE, node_type: 'effect', ...fields }));
  return (message as Message<'NODE_INTROSPECTION'>).payload;
}

/** What is wrong, as `cause: reason`. */
function problem(decoded: Decoded): string {
  return decoded.ok ? 'nothing' : `${decoded.cause}: ${decoded.reason}`;
}

describe('every message goes over the wire and back', () => {
  it.each(MESSAGE_TYPES)('%s', (type) => {
    const text = JSON.stringify(onTheWire(type, PAYLOADS_ON_THE_WIRE[type]));
    const decoded = decode(topicFor(type), { key: Buffer.from(NODE), value: Buffer.from(text) });
    expect(decoded).toMatchObject({ ok: true, text });
    const message = messageOf(decoded);
    expect(JSON.parse(encode(message))).toEqual(JSON.parse(text));
    expect(encode(messageOf(readText(encode(message), topicFor(type))))).toBe(encode(message));
  });

  it.each(MESSAGE_TYPES)('%s leaves out what it does not know, or refuses it if it is a command', (type) => {
    const known = PAYLOADS_ON_THE_WIRE[type];
    const decoded = read(type, { ...known, new_field: 1 }, { new_envelope_field: {} });
    if (type === 'REGISTER_NODE' || type === 'DEREGISTER_NODE') {
      expect(problem(decoded)).toBe('malformed: payload: Unrecognized key: "new_field"');
      expect(read(type, known, { new_envelope_field: {} }).ok).toBe(true);
    } else expect(encode(messageOf(decoded))).toBe(encode(messageOf(read(type, known))));
  });

  it.each(MESSAGE_TYPES)('%s needs every field that has no default', (type) => {
    const decoded = read(type, { node_id: NODE });
    const minimal: MessageType[] = [
      'NODE_INTROSPECTION',
      'NODE_REGISTRATION_ACKED',
      'NODE_HEARTBEAT',
      'REGISTER_NODE',
      'DEREGISTER_NODE',
      'REGISTRY_REQUEST_INTROSPECTION',
    ];
    expect(decoded.ok).toBe(minimal.includes(type));
    expect(problem(read(type, {}))).toContain('malformed: payload.node_id');
  });

  it('has names in camelCase inside; what the node wrote itself passes untouched', () => {
    const { payload } = messageOf(
      read('NODE_REGISTRATION_INITIATED', PAYLOADS_ON_THE_WIRE.NODE_REGISTRATION_INITIATED),
    );
    expect(payload).toMatchObject({
      workflowVersion: 1,
      record: {
        nodeVersion: '1.2.0',
        capabilities: { some_thing: { inner_key: [1, null, 'ü'] }, camelKey: true },
        endpoints: { admin_page: 'http://10.0.0.1:8081/' },
        metadata: { cost_centre: 7, teamName: 'images' },
      },
    });
  });

  it('has the headers that section 4 names', () => {
    const message = messageOf(read('NODE_HEARTBEAT', { node_id: NODE }));
    const headers = {
      'content-type': 'application/json',
      event_type: 'NODE_HEARTBEAT',
      correlation_id: message.correlationId,
    };
    expect(headersOf(message)).toEqual(headers);
    expect(headersOf(message, '00-abc-def-01')).toEqual({ ...headers, traceparent: '00-abc-def-01' });
  });
});

describe('the envelope', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a version of another kind', { envelope_version: '2.0' }, 'envelope_version: must be "1.0" (or a later 1.x)'],
    ['an event_id that is none', { event_id: '1' }, 'event_id: Invalid GUID'],
    ['no correlation_id', { correlation_id: undefined }, 'correlation_id:'],
    ['a time that is none', { event_timestamp: 'yesterday' }, 'event_timestamp:'],
    ['an empty source', { source_node_id: '' }, 'source_node_id:'],
    ['a payload that is no object', { payload: 'x' }, 'payload:'],
    ['no payload', { payload: undefined }, 'payload:'],
  ])('with %s is malformed', (_, fields, reason) => {
    expect(problem(read('NODE_HEARTBEAT', { node_id: NODE }, fields))).toContain(`malformed: ${reason}`);
  });

  it('a causation_id that is absent is null, and ids are in lower case', () => {
    const fields = {
      causation_id: undefined,
      event_id: 'ABCDEF00-0000-4000-8000-00000000ABCD',
      envelope_version: '1.7',
    };
    expect(messageOf(read('NODE_HEARTBEAT', { node_id: NODE }, fields))).toMatchObject({
      causationId: null,
      eventId: 'abcdef00-0000-4000-8000-00000000abcd',
    });
    const { payload } = messageOf(
      read('NODE_REGISTRATION_ACKED', { node_id: NODE, attempt_id: 'ABCDEF00-0000-4000-8000-00000000ABCD' }),
    );
    expect(payload).toEqual({ nodeId: NODE, attemptId: 'abcdef00-0000-4000-8000-00000000abcd' });
  });

  it('of an unknown type, or on a topic that does not carry it, is unrouted', () => {
    const lost = readText(JSON.stringify(onTheWire('NODE_SANG', {})));
    expect(problem(lost)).toBe('unrouted: unknown event_type "NODE_SANG"');
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(problem(readText(JSON.stringify(onTheWire(name, {}))))).toContain('unrouted: unknown event_type');
    }
    expect(problem(read('NODE_HEARTBEAT', { node_id: NODE }, {}, 'cmd.node-registration-acked.v1'))).toBe(
      'unrouted: NODE_HEARTBEAT does not belong on cmd.node-registration-acked.v1, which carries NODE_REGISTRATION_ACKED, DEADLINE_PASSED',
    );
  });

  it('is read only where its type belongs', () => {
    for (const type of MESSAGE_TYPES) {
      for (const topic of TOPIC_SUFFIXES) {
        expect([type, topic, read(type, PAYLOADS_ON_THE_WIRE[type], {}, topic).ok]).toEqual([
          type,
          topic,
          // The sample is of kind ack, which is judged on one topic only.
          messagesOn(topic).includes(type) && (type !== 'DEADLINE_PASSED' || topic === DEADLINE_TOPICS.ack),
        ]);
      }
    }
  });
});

describe('the record in the log', () => {
  const heartbeat = JSON.stringify(onTheWire('NODE_HEARTBEAT', { node_id: NODE }));
  const topic = 'evt.node-heartbeat.v1';

  it.each<[string, Buffer | null, string | null, string]>([
    ['a tombstone', null, NODE, 'malformed: the value is null (a tombstone), expected a JSON envelope'],
    ['no key', Buffer.from(heartbeat), null, 'malformed: the key is null, expected the node_id of the payload'],
    ['another key', Buffer.from(heartbeat), 'node-2', "malformed: the key is not the payload's node_id (node-1)"],
    ['an empty key', Buffer.from(heartbeat), '', "malformed: the key is not the payload's node_id (node-1)"],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), NODE, 'malformed: the value is not UTF-8'],
    [
      'half of a surrogate pair in UTF-8',
      Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
      NODE,
      'malformed: the value is not UTF-8',
    ],
    ['an empty value', Buffer.alloc(0), NODE, 'malformed: not JSON: Unexpected end of JSON input'],
    ['text', Buffer.from('hello'), NODE, 'malformed: not JSON: Unexpected token'],
    ['a list', Buffer.from('[]'), NODE, 'malformed: message: Invalid input: expected object, received array'],
    ['null as text', Buffer.from('null'), NODE, 'malformed: message: Invalid input: expected object, received null'],
  ])('%s', (_, value, key, expected) => {
    expect(problem(decode(topic, { key, value }))).toContain(expected);
  });

  it('takes a value of 256 KiB, in bytes, and not one more; what we write ourselves may be longer', () => {
    const filled = (bytes: number) => {
      const empty = JSON.stringify(onTheWire('NODE_INTROSPECTION', { node_id: NODE, metadata: { text: '' } }));
      const fill = 'ü'.repeat(8) + 'a'.repeat(bytes - empty.length - 16);
      return readText(empty.replace('"text":""', `"text":"${fill}"`));
    };
    expect(MAX_VALUE_BYTES).toBe(262_144);
    expect(filled(MAX_VALUE_BYTES).ok).toBe(true);
    expect(problem(filled(MAX_VALUE_BYTES + 1))).toBe(
      'too_large: the value has 262145 bytes, at most 262144 are allowed',
    );
    const ours = { ...PAYLOADS_ON_THE_WIRE.NODE_BECAME_ACTIVE, capabilities: { text: 'a'.repeat(500_000) } };
    expect(read('NODE_BECAME_ACTIVE', ours).ok).toBe(true);
  });

  it.each([
    ['NUL', String.raw`\u0000`],
    ['a high surrogate', String.raw`\ud83d`],
    ['a high surrogate before something else', String.raw`\ud83dx\ude00`],
    ['a high surrogate before a backslash', String.raw`\ud83d\\ude00`],
    ['a low surrogate', String.raw`\uDE00`],
    ['two high ones before a low one', String.raw`\ud83d\ud83d\ude00`],
    ['NUL behind a backslash', String.raw`\\\u0000`],
  ])('refuses %s in a string, wherever it is', (_, escape) => {
    const reason = 'malformed: a string has a NUL character or half of a surrogate pair, which cannot be stored';
    for (const where of ['source_node_id', 'unknown']) {
      const text = JSON.stringify(onTheWire('NODE_INTROSPECTION', { node_id: NODE }, { [where]: 'HERE' }));
      expect(problem(readText(text.replace('HERE', escape)))).toBe(reason);
    }
  });

  it.each([
    ['a whole pair', String.raw`\ud83d\ude00`, '😀'],
    ['two pairs', String.raw`\ud83d\ude00\uD83D\uDE01`, '😀😁'],
    ['the text of an escape', String.raw`\\u0000 \\ud83d`, String.raw`\u0000 \ud83d`],
    ['a pair behind a backslash', String.raw`\\\ud83d\ude00`, '\\😀'],
    ['another control character', String.raw`\u0001`, '\u0001'],
  ])('takes %s', (_, escape, expected) => {
    const text = JSON.stringify(onTheWire('NODE_INTROSPECTION', { node_id: NODE, metadata: { text: 'HERE' } }));
    expect(messageOf(readText(text.replace('HERE', escape))).payload).toMatchObject({ metadata: { text: expected } });
  });

  it('refuses a low surrogate behind the text of a high one', () => {
    const text = JSON.stringify(onTheWire('NODE_INTROSPECTION', { node_id: NODE, metadata: { text: 'HERE' } }));
    expect(readText(text.replace('HERE', String.raw`\\ud83d\ude00`)).ok).toBe(false);
  });

  // 1e20 takes 4 bytes as it came, and 21 as we write it.
  it('never makes more of a value that was taken than what our own topics take', () => {
    const numbers = Array.from({ length: 52_000 }, () => '1e20').join();
    const wire = JSON.stringify(onTheWire('NODE_INTROSPECTION', { node_id: NODE, metadata: { numbers: 'HERE' } }));
    const decoded = readText(wire.replace('"HERE"', `[${numbers}]`));
    expect(decoded.ok).toBe(true);
    const { metadata } = (messageOf(decoded) as Message<'NODE_INTROSPECTION'>).payload;
    const initiated = PAYLOADS_ON_THE_WIRE.NODE_REGISTRATION_INITIATED as { record: object };
    expect(read('NODE_REGISTRATION_INITIATED', { ...initiated, record: { ...initiated.record, metadata } }).ok).toBe(
      true,
    );
  });

  it('never throws, and never answers with more than 500 characters', () => {
    const deep = (open: string, close: string) => open.repeat(50_000) + close.repeat(50_000);
    const values = [
      deep('[', ']'),
      `{"payload":${deep('{"a":', '}').replace('}', '1}')}}`,
      JSON.stringify(
        onTheWire('NODE_INTROSPECTION', Object.fromEntries(Array.from({ length: 999 }, (_, i) => [i, i]))),
      ),
      JSON.stringify(onTheWire('x'.repeat(10_000), {})),
    ];
    for (const value of values) {
      const decoded = readText(value);
      expect(decoded.ok).toBe(false);
      if (!decoded.ok) expect(decoded.reason.length).toBeLessThanOrEqual(500);
    }
  });

  it('tells no secret in its reason', () => {
    const reason = problem(readText(JSON.stringify(onTheWire('postgres://rollcall:s3cret@db/', {}))));
    expect(reason).toBe('unrouted: unknown event_type "postgres://rollcall:***@db/"');
  });
});

describe('what a node says of itself is normalised', () => {
  it('with defaults where nothing is said; null and absent are the same', () => {
    const defaults = {
      nodeId: NODE,
      nodeType: 'effect',
      nodeVersion: '1.0.0',
      capabilities: {},
      endpoints: {},
      metadata: {},
      reason: 'startup',
    };
    expect(introspected({})).toEqual(defaults);
    const absent = [
      'node_version',
      'capabilities',
      'endpoints',
      'metadata',
      'health_endpoint',
      'reason',
      'incarnation',
    ];
    expect(introspected(Object.fromEntries(absent.map((name) => [name, null])))).toEqual(defaults);
    expect(Object.keys(introspected({ health_endpoint: null, node_type: null }))).not.toContain('healthEndpoint');
    const heartbeat = messageOf(
      read('NODE_HEARTBEAT', { node_id: NODE, uptime_seconds: null, cpu_usage_percent: null }),
    );
    expect(heartbeat.payload).toEqual({ nodeId: NODE });
    const { payload } = messageOf(read('REGISTER_NODE', { node_id: NODE }));
    expect(payload).toMatchObject({ acknowledgement: 'waived', liveness: 'none', reason: 'startup' });
  });

  it('a list of capabilities becomes an object, a list of endpoints a map', () => {
    expect(introspected({ capabilities: ['a', 'b', 'a'] }).capabilities).toEqual({ a: true, b: true });
    expect(introspected({ endpoints: ['http://a/', 'http://b/', 'tcp://c:1/'] }).endpoints).toEqual({
      api: 'http://a/',
      'api-2': 'http://b/',
      'api-3': 'tcp://c:1/',
    });
  });

  it('names that JavaScript gives a meaning are names like others', () => {
    const text = `{"node_id":"${NODE}","capabilities":{"__proto__":{"admin":true},"constructor":1,"toString":null},
      "metadata":{"__proto__":1},"endpoints":{"constructor":"http://a/"}}`;
    const wire = JSON.stringify(onTheWire('NODE_INTROSPECTION', 'HERE')).replace('"HERE"', text);
    const message = messageOf(readText(wire)) as Message<'NODE_INTROSPECTION'>;
    const { capabilities, endpoints } = message.payload;
    expect(Object.keys(capabilities)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(capabilities)).toBe(Object.prototype);
    expect('admin' in capabilities).toBe(false);
    expect(Object.keys(endpoints)).toEqual(['constructor']);
    expect(encode(message)).toContain('"capabilities":{"__proto__":{"admin":true},"constructor":1,"toString":null}');
    expect(encode(messageOf(readText(encode(message))))).toBe(encode(message));
    expect(Object.keys(introspected({ capabilities: ['__proto__'] }).capabilities)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('takes 32 levels and not one more', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    for (const field of ['capabilities', 'metadata']) {
      expect(introspected({ [field]: nested(32) })).toBeDefined();
      expect(problem(read('NODE_INTROSPECTION', { node_id: NODE, [field]: nested(33) }))).toContain(
        `payload.${field}: must not be nested deeper than 32 levels`,
      );
    }
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['node_id', { node_id: '-node' }],
    ['node_id', { node_id: 'a'.repeat(256) }],
    ['node_id', { node_id: 'a b' }],
    ['node_id', { node_id: 'node-1\n' }],
    ['node_version', { node_version: '1.2' }],
    ['node_version', { node_version: '01.2.3' }],
    ['capabilities', { capabilities: 'a' }],
    ['capabilities', { capabilities: ['a', 1] }],
    ['capabilities', { capabilities: [''] }],
    ['endpoints', { endpoints: { api: 'not a url' } }],
    ['endpoints', { endpoints: ['/path'] }],
    ['metadata', { metadata: [] }],
    ['health_endpoint', { health_endpoint: '' }],
    ['reason', { reason: 'boredom' }],
    ['incarnation', { incarnation: -1 }],
    ['incarnation', { incarnation: 1.5 }],
    ['incarnation', { incarnation: '1' }],
    ['incarnation', { incarnation: 2 ** 53 }],
  ])('refuses a bad %s: %j', (field, fields) => {
    expect(problem(read('NODE_INTROSPECTION', { node_id: NODE, ...fields }))).toContain(`malformed: payload.${field}`);
  });

  it.each(['toaster', '', undefined])('does not judge the node_type (%s): that is for admission', (nodeType) => {
    expect(read('NODE_INTROSPECTION', { node_id: NODE, node_type: nodeType }).ok).toBe(true);
  });

  it.each(['a', 'A.b_c-9', '0', 'a'.repeat(255)])('takes the node_id %s', (nodeId) => {
    const text = JSON.stringify(onTheWire('NODE_HEARTBEAT', { node_id: nodeId }));
    expect(readText(text, 'evt.node-heartbeat.v1', nodeId).ok).toBe(true);
  });

  it.each([
    ['cpu_usage_percent', 100.1],
    ['cpu_usage_percent', -1],
    ['uptime_seconds', -1],
    ['memory_usage_mb', 'much'],
  ])('refuses a heartbeat with %s = %p', (field, value) => {
    expect(problem(read('NODE_HEARTBEAT', { node_id: NODE, [field]: value }))).toContain(`malformed: payload.${field}`);
  });

  it('names every problem at once', () => {
    const reason = problem(read('REGISTER_NODE', { node_id: NODE, reason: 'x', incarnation: -1, liveness: 'maybe' }));
    for (const field of ['reason', 'incarnation', 'liveness']) expect(reason).toContain(`payload.${field}: `);
  });

  it('a message that says the same gives the same bytes, in whatever order its fields came', () => {
    const wire = onTheWire('NODE_INTROSPECTION', PAYLOADS_ON_THE_WIRE.NODE_INTROSPECTION);
    const turned = (value: object) => Object.fromEntries(Object.entries(value).reverse());
    const other = turned({ ...wire, payload: turned(wire['payload'] as object) });
    expect(encode(messageOf(readText(JSON.stringify(other))))).toBe(encode(messageOf(readText(JSON.stringify(wire)))));
    expect(encode(messageOf(readText(JSON.stringify(wire))))).toContain(`"event_id":"${id(7)}"`);
  });
});
