import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deadLetterId, decode, type Message } from '../../src/messages/index.js';
import { deadLetterOf } from '../../src/runtime/lanes/dead-letters.js';
import { takeIn } from '../../src/runtime/lanes/intake.js';
import type { LogRecord, OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { at, NODE, T0 } from '../support/builders.js';
import { onTheWire } from '../support/wire.js';

function recordOf(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    topic: 'evt.node-heartbeat.v1',
    topicName: 'dev.onex.evt.node-heartbeat.v1',
    partition: 3,
    offset: '17',
    key: Buffer.from(NODE),
    value: Buffer.from(JSON.stringify(onTheWire('NODE_HEARTBEAT', { node_id: NODE }))),
    headers: { event_type: 'NODE_HEARTBEAT', traceparent: '00-trace-01' },
    appendedAt: T0 + 5000,
    ...fields,
  };
}

function letterIn({ topic, value }: OutgoingRecord): Message<'DEAD_LETTER'> {
  // Its key can be missing or no node id: the operator reads it by its envelope.
  const message = JSON.parse(String(value)) as { payload: { node_id: string | null } };
  const decoded = decode(topic, { key: message.payload.node_id ?? '', value: Buffer.from(String(value)) });
  if (!decoded.ok && !decoded.reason.startsWith('the key')) throw new Error(decoded.reason);
  return (decoded.ok ? decoded.message : message) as Message<'DEAD_LETTER'>;
}

describe('a dead letter', () => {
  it('has all that is needed to look at the message and to send it again', () => {
    const record = recordOf({ headers: { event_type: 'X', list: ['a', 'b'] } });
    const letter = deadLetterOf(record, 'malformed', 'password=s3cret', 'rollcall');
    expect(letter).toMatchObject({ topic: 'dlq.v1', key: record.key, headers: { event_type: 'DEAD_LETTER' } });
    expect(letterIn(letter)).toEqual({
      eventId: deadLetterId('dev.onex.evt.node-heartbeat.v1', 3, '17'),
      eventType: 'DEAD_LETTER',
      eventTimestamp: at(5),
      sourceNodeId: 'rollcall',
      correlationId: deadLetterId('dev.onex.evt.node-heartbeat.v1', 3, '17'),
      causationId: null,
      payload: {
        nodeId: NODE,
        originalTopic: 'dev.onex.evt.node-heartbeat.v1',
        originalPartition: 3,
        originalOffset: '17',
        originalKey: NODE,
        originalHeaders: { event_type: 'X', list: ['a', 'b'] },
        originalValue: record.value?.toString('base64'),
        valueTruncated: false,
        valueSha256: createHash('sha256').update(record.value!).digest('hex'),
        cause: 'malformed',
        reason: 'password=***',
      },
    });
  });

  it('is the same however often it is made, and another for another place in the log', () => {
    const made = (fields: Partial<LogRecord> = {}) => deadLetterOf(recordOf(fields), 'malformed', 'x', 'rollcall');
    expect(made()).toEqual(made());
    const ids = [made(), made({ offset: '18' }), made({ partition: 4 }), made({ topicName: 'cmd.deregister-node.v1' })];
    expect(new Set(ids.map((letter) => letterIn(letter).eventId)).size).toBe(4);
  });

  it('keeps 512 KiB of a value, and the hash of all of it', () => {
    const limit = 512 * 1024;
    const letterOf = (bytes: number) =>
      (
        JSON.parse(deadLetterOf(recordOf({ value: Buffer.alloc(bytes, 'ü') }), 'too_large', 'x', 'r').value) as {
          payload: { original_value: string; value_truncated: boolean; value_sha256: string };
        }
      ).payload;
    const whole = letterOf(limit);
    expect([whole.value_truncated, Buffer.from(whole.original_value, 'base64').length]).toEqual([false, limit]);
    const cut = letterOf(limit + 1);
    expect([cut.value_truncated, Buffer.from(cut.original_value, 'base64').length]).toEqual([true, limit]);
    const hash = createHash('sha256')
      .update(Buffer.alloc(limit + 1, 'ü'))
      .digest('hex');
    expect(cut.value_sha256).toBe(hash);
  });

  it.each<[string, Buffer | null, string | null, string | null]>([
    ['none', null, null, null],
    ['a node id', Buffer.from('node-2'), 'node-2', 'node-2'],
    ['text that is no node id', Buffer.from('a b'), 'a b', null],
    ['bytes', Buffer.from([0xff, 0x00]), '/wA=', null],
    ['empty', Buffer.alloc(0), '', null],
  ])('of a record whose key is %s', (_, key, kept, nodeId) => {
    const letter = deadLetterOf(recordOf({ key }), 'malformed', 'x', 'rollcall');
    expect(letter.key).toBe(key);
    expect(JSON.parse(letter.value)).toMatchObject({ payload: { node_id: nodeId, original_key: kept } });
  });

  it('of a tombstone has no value', () => {
    const letter = deadLetterOf(recordOf({ value: null }), 'malformed', 'x', 'rollcall');
    expect(letterIn(letter).payload).toMatchObject({ originalValue: null, valueTruncated: false, valueSha256: null });
  });

  it('has headers that JavaScript gives a meaning, and a reason of at most 500 characters', () => {
    const headers = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    const { value } = deadLetterOf(recordOf({ headers }), 'malformed', 'x'.repeat(2000), 'rollcall');
    expect(value).toContain('"original_headers":{"__proto__":"x","constructor":"y"}');
    expect((JSON.parse(value) as { payload: { reason: string } }).payload.reason).toHaveLength(500);
  });
});

describe('taking in a batch', () => {
  const intake = takeIn(
    [
      recordOf(),
      recordOf({ offset: '18', value: Buffer.from('{') }),
      recordOf({ offset: '19', value: Buffer.alloc(300_000) }),
      recordOf({ offset: '20', value: Buffer.from(JSON.stringify(onTheWire('NODE_SANG', {}))) }),
      recordOf({ offset: '21', headers: { traceparent: ['00-a', '00-b'] }, appendedAt: T0 + 6000 }),
      recordOf({ offset: '22' }),
    ],
    (message, { offset }) => (offset === '22' ? `nobody takes ${message.eventType}` : null),
    'rollcall',
  );

  it('goes on with what can be read, in order, each with its append time and its text', () => {
    expect(intake.received.map(({ record }) => record.offset)).toEqual(['17', '21']);
    expect(intake.received[0]).toMatchObject({
      message: { eventType: 'NODE_HEARTBEAT', appendedAt: T0 + 5000 },
      text: recordOf().value?.toString(),
      traceparent: '00-trace-01',
    });
    expect(intake.received[1]).toMatchObject({ message: { appendedAt: T0 + 6000 }, traceparent: undefined });
  });

  it('makes one dead letter of each of the others, with its cause', () => {
    expect(intake.deadLetters.map((letter) => letterIn(letter).payload)).toMatchObject([
      { originalOffset: '18', cause: 'malformed', reason: expect.stringContaining('not JSON') },
      { originalOffset: '19', cause: 'too_large', reason: 'the value has 300000 bytes, at most 262144 are allowed' },
      { originalOffset: '20', cause: 'unrouted', reason: 'unknown event_type "NODE_SANG"' },
      { originalOffset: '22', cause: 'unrouted', reason: 'nobody takes NODE_HEARTBEAT' },
    ]);
  });
});
