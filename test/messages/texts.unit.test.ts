import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v5 as uuidv5 } from 'uuid';
import { canonicalHash, canonicalJson, encode, jsonText, resultId, snakeCased } from '../../src/messages/index.js';
import { decodeText, MESSAGE_TYPES, type Message } from '../../src/messages/index.js';
import { RememberedTexts } from '../../src/messages/remembered-texts.js';
import { endpoints, jsonObject } from '../support/arbitrary-values.js';
import { onTheWire, PAYLOADS_ON_THE_WIRE } from '../support/wire.js';

/** Encoding as it is defined: the fast way must say the same, byte for byte. */
function encodedPlainly(message: Message): string {
  return JSON.stringify({
    envelope_version: '1.0',
    event_id: message.eventId,
    event_type: message.eventType,
    event_timestamp: message.eventTimestamp,
    source_node_id: message.sourceNodeId,
    correlation_id: message.correlationId,
    causation_id: message.causationId,
    payload: snakeCased(message.payload),
  });
}

function hashedPlainly(value: unknown): string {
  const sorted = (_key: string, inner: unknown): unknown =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex');
}

/** Texts with all that has to be escaped, and halves of surrogate pairs, which only our own mistakes could bring in. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u2028',
    '😀',
    '\ud800',
    '\udc00x',
    'a'.repeat(300),
    '"'.repeat(300),
  ),
);
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e21, 1e-7));
/** Names of ours, none of which stands in one place of a message only. */
const ourName = fc.constantFrom('nodeId', 'attemptId', 'reason', 'errorMessage', 'x', 'inner', 'a1B2');
const record = fc.record({ nodeId: text, capabilities: jsonObject, endpoints, healthEndpoint: fc.option(text) });

const { tree } = fc.letrec<{ tree: unknown; object: object }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, text, number, fc.boolean(), fc.constantFrom(null, undefined), tie('object')),
  object: fc.oneof(
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(ourName, tie('tree'), { maxKeys: 5 }),
    fc.record({ record: fc.oneof(record, fc.constantFrom(null, undefined, 'x')), metadata: jsonObject }),
  ),
}));

describe('a message', () => {
  it.each(MESSAGE_TYPES)('%s has the text that its parts have', (type) => {
    const decoded = decodeText(JSON.stringify(onTheWire(type, PAYLOADS_ON_THE_WIRE[type])));
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(encode(decoded.message)).toBe(encodedPlainly(decoded.message));
    // And the same again, from what is remembered.
    expect(encode(decoded.message)).toBe(encodedPlainly(decoded.message));
  });

  it('has it whatever stands in it', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.option(text),
        fc.dictionary(ourName, tree),
        (eventId, source, causationId, payload) => {
          const envelope = { eventId, eventType: 'NODE_HEARTBEAT', eventTimestamp: source, sourceNodeId: source };
          const message = { ...envelope, correlationId: eventId, causationId, payload } as unknown as Message;
          expect(encode(message)).toBe(encodedPlainly(message));
          expect(encode(message)).toBe(encodedPlainly(message));
        },
      ),
    );
  });
});

describe('a state', () => {
  it('has the text that JSON.stringify gives it', () => {
    fc.assert(
      fc.property(fc.dictionary(ourName, tree), (state) => {
        expect(jsonText(state)).toBe(JSON.stringify(state));
        expect(jsonText({ again: state })).toBe(JSON.stringify({ again: state }));
      }),
    );
  });

  it('tells its record in the words of the state, also where the wire has told it before', () => {
    const told = { nodeId: 'node-1', nodeType: 'effect', capabilities: { camelKey: 1 } };
    const message = { ...decodedHeartbeat(), payload: { nodeId: 'node-1', record: told } } as unknown as Message;
    expect(encode(message)).toContain(
      '"record":{"node_id":"node-1","node_type":"effect","capabilities":{"camelKey":1}}',
    );
    expect(jsonText({ record: told })).toBe(JSON.stringify({ record: told }));
    expect(encode(message)).toBe(encodedPlainly(message));
  });
});

function decodedHeartbeat(): Message {
  const decoded = decodeText(JSON.stringify(onTheWire('NODE_HEARTBEAT', PAYLOADS_ON_THE_WIRE.NODE_HEARTBEAT)));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.message;
}

describe('texts that are remembered', () => {
  it('are made once while they are in use, and made again when they were forgotten', () => {
    const made: object[] = [];
    const texts = new RememberedTexts((value) => {
      made.push(value);
      return JSON.stringify(value);
    }, 30);
    const [one, other] = [{ text: 'one' }, { text: 'two' }];
    expect([texts.of(one), texts.of(one), texts.of(other), texts.of(one)]).toEqual([
      '{"text":"one"}',
      '{"text":"one"}',
      '{"text":"two"}',
      '{"text":"one"}',
    ]);
    expect(made).toEqual([one, other]);
    // Two fill a generation: after two further ones these are all that is left, and the oldest is made anew.
    for (const third of [{ text: '3.1' }, { text: '3.2' }, { text: '3.3' }]) texts.of(third);
    texts.of(other);
    expect(made.slice(-1)).toEqual([other]);
  });

  it('are taken along into the next generation by being asked for', () => {
    const made: unknown[] = [];
    const texts = new RememberedTexts((value) => {
      made.push(value);
      return '0123456789';
    }, 30);
    const inUse = {};
    for (let count = 0; count < 20; count++) {
      texts.of(inUse);
      texts.of({ count });
    }
    expect(made.filter((value) => value === inUse)).toHaveLength(1);
  });
});

describe('what is derived', () => {
  const NAMESPACE = 'b7d1c2f4-5a0e-5c43-9a6f-0d5f5b8f6e21';

  it('are UUIDs of version 5, however long and odd the parts', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('', 'ü'.repeat(700), 'x'.repeat(5000), '😀'.repeat(900)),
        (one, other, long) => {
          const name = Buffer.from(['result', one, other, long].join('\u001f'));
          expect(resultId(one, other, long)).toBe(uuidv5(name, NAMESPACE));
        },
      ),
    );
  });

  it('are hashes of the sorted text', () => {
    fc.assert(
      fc.property(jsonObject, (value) => {
        expect(canonicalHash(value)).toBe(hashedPlainly(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });
});
