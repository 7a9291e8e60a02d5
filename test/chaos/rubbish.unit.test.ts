import { describe, expect, it } from '@jest/globals';
import { isActedOn, RUBBISH_HEADER, rubbishFor } from '../../src/chaos/faults/rubbish.js';
import { decode, TOPIC_SUFFIXES } from '../../src/messages/index.js';

const bytes = (value: string | Buffer | null): Buffer | null =>
  typeof value === 'string' ? Buffer.from(value) : value;

describe('rubbish', () => {
  const all = rubbishFor('node-000001');

  it('is written on every topic, and marked', () => {
    expect(all.map(({ topic }) => topic)).toEqual(TOPIC_SUFFIXES);
    for (const { records } of all) {
      expect(records.map(({ headers }) => headers?.[RUBBISH_HEADER])).toEqual(['rubbish', 'rubbish', 'rubbish']);
    }
  });

  it('is nothing that the registry could take for a message', () => {
    const causes = new Set<string>();
    for (const { topic, records } of all.filter((one) => isActedOn(one.topic))) {
      for (const { key, value } of records) {
        const decoded = decode(topic, { key: bytes(key), value: bytes(value) });
        expect({ topic, ok: decoded.ok }).toEqual({ topic, ok: false });
        if (!decoded.ok) causes.add(decoded.cause);
      }
    }
    expect([...causes].sort()).toEqual(['malformed', 'too_large', 'unrouted']);
  });
});
