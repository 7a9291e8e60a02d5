import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, encode, ordinaryHeartbeat, type Message } from '../../src/messages/index.js';

const TOPIC = 'evt.node-heartbeat.v1';

const measure = fc.option(
  fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constantFrom(0, -0, 0.1, 1e21, 1e-7, 5e-324)),
  { nil: undefined },
);
const nodeId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/);

/** Heartbeats as the SDK makes them. */
const heartbeats = fc
  .record({
    eventId: fc.uuid(),
    correlationId: fc.uuid(),
    causationId: fc.option(fc.uuid()),
    at: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
    nodeId,
    uptimeSeconds: measure,
    activeOperationsCount: measure,
    memoryUsageMb: measure,
    cpuUsagePercent: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  })
  .map(({ eventId, correlationId, causationId, at, ...payload }): Message<'NODE_HEARTBEAT'> => {
    const eventTimestamp = at.toISOString();
    const sourceNodeId = payload.nodeId;
    return { eventId, correlationId, causationId, eventTimestamp, sourceNodeId, eventType: 'NODE_HEARTBEAT', payload };
  });

const ordinary = (key: string, text: string): string | null => ordinaryHeartbeat(Buffer.from(key), Buffer.from(text));

/** What the codec says of the same record. */
function decoded(key: string, text: string): string | null {
  const result = decode(TOPIC, { key: Buffer.from(key), value: Buffer.from(text) });
  return result.ok && result.message.eventType === 'NODE_HEARTBEAT' ? result.message.payload.nodeId : null;
}

const BEAT = encode({
  eventId: '0190a5b2-7c4e-4a57-9e0a-3c1f4f0d2a11',
  eventType: 'NODE_HEARTBEAT',
  eventTimestamp: '2026-11-21T18:00:00.123Z',
  sourceNodeId: 'node-1',
  correlationId: '0190a5b2-7c4e-4a57-9e0a-3c1f4f0d2a12',
  causationId: null,
  payload: {
    nodeId: 'node-1',
    uptimeSeconds: 12.5,
    activeOperationsCount: 3,
    memoryUsageMb: 90,
    cpuUsagePercent: 99.9,
  },
});

/** Pieces that turn a heartbeat into something else, or nearly so. */
const PIECES = [
  ...[
    '"',
    '\\',
    '\\u0000',
    '{',
    '}',
    ',',
    ':',
    ' ',
    '\n',
    '\t',
    '\x7f',
    'é',
    '\ud83d',
    'null',
    'true',
    '-',
    '+',
    '.',
    'e5',
    '0',
  ],
  ...[
    '00',
    '1',
    '1e400',
    '101',
    '100.0000000000000000000001',
    '-1',
    '[]',
    '{}',
    '""',
    '"x":1,',
    ',"x":1',
    '"node_id":"b",',
  ],
  ...['"cpu_usage_percent":101', '"uptime_seconds":-1', ',"uptime_seconds":"1"', ',"uptime_seconds":null', 'payload'],
  ...[
    '02-29',
    '02-30',
    '24:00:00',
    ':60',
    '+00:00',
    '+01:00',
    'z',
    '"2.0"',
    '"1.7"',
    'NODE_INTROSPECTION',
    '__proto__',
  ],
];

/** The text with a piece put in, or in the place of some characters. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.constantFrom(0, 0, 1, 2, 5, 12),
  piece: fc.constantFrom('', ...PIECES),
});

describe('an ordinary heartbeat', () => {
  it('is what the SDK writes, as long as its numbers are written without an exponent', () => {
    fc.assert(
      fc.property(heartbeats, (message) => {
        const text = encode(message);
        const { nodeId: id } = message.payload;
        expect(decoded(id, text)).toBe(id);
        // Leap days, too, are left to the codec.
        if (!/[0-9]e[-+]|-02-29T/.test(text)) expect(ordinary(id, text)).toBe(id);
      }),
    );
  });

  it('is never anything that the codec does not read as a heartbeat of this node', () => {
    fc.assert(
      fc.property(heartbeats, fc.array(mutation, { minLength: 1, maxLength: 3 }), (message, mutations) => {
        let text = encode(message);
        for (const { at, length, piece } of mutations) {
          const from = Math.floor(at * text.length);
          text = text.slice(0, from) + piece + text.slice(from + length);
        }
        const { nodeId: id } = message.payload;
        const read = ordinary(id, text);
        if (read !== null) expect(decoded(id, text)).toBe(read);
      }),
      { numRuns: 3000 },
    );
  });

  it('is never one, either, where a piece stands at any other place', () => {
    for (const piece of PIECES) {
      for (let from = 0; from <= BEAT.length; from++) {
        for (const length of [0, piece.length]) {
          const text = BEAT.slice(0, from) + piece + BEAT.slice(from + length);
          if (ordinary('node-1', text) !== null) expect([text, decoded('node-1', text)]).toEqual([text, 'node-1']);
        }
      }
    }
  });

  it.each<[string, string]>([
    ['blanks behind colons and commas', BEAT.replaceAll(/([:,])"/g, '$1 "')],
    ['measures in another order', BEAT.replace('"uptime_seconds":12.5,', '').replace('}}', ',"uptime_seconds":12.5}}')],
    ['measures that are null', BEAT.replace('12.5', 'null').replace('99.9', 'null')],
    ['no measures', BEAT.replace(/,"uptime_seconds".*/, '}}')],
    ['capitals in its ids', BEAT.replaceAll('0190a5b2', '0190A5B2')],
    ['full load', BEAT.replace('99.9', '100.0')],
  ])('may have %s', (_, text) => {
    expect(text).not.toBe(BEAT);
    expect([ordinary('node-1', text), decoded('node-1', text)]).toEqual(['node-1', 'node-1']);
  });

  it.each<[string, string, string]>([
    ['another key', 'node-2', BEAT],
    ['a longer key', 'node-10', BEAT],
    ['an unknown field', 'node-1', BEAT.replace('}}', ',"extra":1}}')],
    ['a load above 100', 'node-1', BEAT.replace('99.9', '100.5')],
    ['escapes', 'node-1', BEAT.replace('"source_node_id":"node-1"', '"source_node_id":"\\u0041"')],
    ['a source outside ASCII', 'node-1', BEAT.replace('"source_node_id":"node-1"', '"source_node_id":"é"')],
    ['more than 2 KiB', 'node-1', BEAT.replace('}}', `${',"uptime_seconds":12345678901234567890'.repeat(60)}}}`)],
  ])('has not %s', (_, key, text) => {
    expect(ordinary(key, text)).toBeNull();
  });

  it('has a key and a value', () => {
    expect(ordinaryHeartbeat(null, Buffer.from(BEAT))).toBeNull();
    expect(ordinaryHeartbeat(Buffer.from('node-1'), null)).toBeNull();
    expect(ordinaryHeartbeat(Buffer.from('node-1'), Buffer.from(BEAT))).toBe('node-1');
  });
});
