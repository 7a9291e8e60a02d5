import { deadLetterOf } from '../../src/runtime/lanes/dead-letters.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';

/** A record that nobody can handle. */
export function brokenRecord(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    topic: 'evt.node-introspection.v1',
    topicName: 'dev.onex.evt.node-introspection.v1',
    partition: 3,
    offset: '17',
    key: Buffer.from('node-1'),
    value: Buffer.from('{'),
    headers: { traceparent: '00-trace-01' },
    appendedAt: Date.parse('2026-11-21T08:00:00.123Z'),
    ...fields,
  };
}

/** The same as it comes back from the dead-letter topic, by way of the lane that could not handle it. */
export function deadLetterRecord(fields: Partial<LogRecord> = {}, reason = 'not JSON'): LogRecord {
  const { key, value, headers } = deadLetterOf(brokenRecord(fields), 'malformed', reason, 'rollcall');
  return inDeadLetterTopic({
    key: typeof key === 'string' ? Buffer.from(key) : key,
    value: Buffer.from(value),
    headers,
  });
}

export function inDeadLetterTopic(fields: Partial<LogRecord>): LogRecord {
  return {
    topic: 'dlq.v1',
    topicName: 'dev.onex.dlq.v1',
    partition: 0,
    offset: '4',
    key: null,
    value: null,
    headers: {},
    appendedAt: Date.parse('2026-11-21T08:00:01.000Z'),
    ...fields,
  };
}
