import { describe, expect, it } from '@jest/globals';
import {
  canonicalHash,
  canonicalJson,
  deadLetterId,
  deadlineId,
  errorText,
  expiryEventId,
  isoTime,
  outputId,
  redact,
  registerSecret,
  resultId,
  snapshotId,
} from '../../src/messages/index.js';
import { id, NODE } from '../support/builders.js';

describe('derived ids', () => {
  it('are these for ever: what is journalled was derived so', () => {
    expect({
      output: outputId(id(1), 'orchestrator', NODE, 0),
      second: outputId(id(1), 'orchestrator', NODE, 1),
      result: resultId(id(1), 'consul', NODE),
      deadLetter: deadLetterId('evt.node-heartbeat.v1', 3, '17'),
      deadline: deadlineId(NODE, 'ack', '2026-11-21T10:00:30.000Z'),
      expiry: expiryEventId('rollcall', 'REGISTRY_EXPIRY_HELD', '2026-11-21T10:00:30.000Z'),
    }).toMatchInlineSnapshot(`
     {
       "deadLetter": "c0ae191c-df3c-5b1e-8c34-f25ca16e1eed",
       "deadline": "75058671-429f-50b2-a079-7c8193dd90fa",
       "expiry": "aef7cefe-39cd-588b-b701-f56b728bce32",
       "output": "ec427065-41c9-5662-a68f-35e6e6f1c9b2",
       "result": "ad88992f-087f-5608-ab1a-72945849927f",
       "second": "a06f19dd-2564-5850-8fa9-3f783ed3345f",
     }
    `);
  });

  it('differ when anything that they derive from differs', () => {
    const ids = [
      outputId(id(1), 'orchestrator', NODE, 0),
      outputId(id(2), 'orchestrator', NODE, 0),
      outputId(id(1), 'reducer', NODE, 0),
      outputId(id(1), 'orchestrator', 'node-2', 0),
      outputId(id(1), 'orchestrator', NODE, 1),
      resultId(id(1), 'consul', NODE),
      resultId(id(1), 'postgres', NODE),
      deadLetterId('t', 1, '11'),
      deadLetterId('t', 11, '1'),
      deadlineId(NODE, 'ack', 'x'),
      deadlineId(NODE, 'liveness', 'x'),
      expiryEventId('rollcall', 'REGISTRY_EXPIRY_HELD', 'x'),
      expiryEventId('other', 'REGISTRY_EXPIRY_HELD', 'x'),
      expiryEventId('rollcall', 'REGISTRY_EXPIRY_RESUMED', 'x'),
      expiryEventId('rollcall', 'REGISTRY_EXPIRY_HELD', 'y'),
      snapshotId(NODE, id(1), 1),
      snapshotId(NODE, id(1), 2),
      snapshotId(NODE, id(2), 1),
      snapshotId('node-2', id(1), 1),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('canonical form', () => {
  it('does not depend on the order of keys, at any depth; that of lists counts', () => {
    const one = { b: [{ y: 1, x: 2 }], a: null, c: undefined };
    const other = { a: null, b: [{ x: 2, y: 1 }] };
    expect(canonicalJson(one)).toBe('{"a":null,"b":[{"x":2,"y":1}]}');
    expect(canonicalHash(one)).toBe(canonicalHash(other));
    expect(canonicalHash([1, 2])).not.toBe(canonicalHash([2, 1]));
    expect(canonicalHash('1')).not.toBe(canonicalHash(1));
  });

  it('keeps names that JavaScript gives a meaning', () => {
    const value = JSON.parse('{"b":1,"__proto__":{"z":1,"a":2},"2":0,"10":0}') as unknown;
    expect(canonicalJson(value)).toBe('{"2":0,"10":0,"__proto__":{"a":2,"z":1},"b":1}');
    expect(canonicalHash(value)).not.toBe(canonicalHash({ b: 1, 2: 0, 10: 0 }));
  });

  it('has this hash for ever: states hold it', () => {
    expect(canonicalHash({ a: 1, b: ['x'] })).toBe('fd5e92badbe24726f55b88132dd5fa1ceec0efd960b3bcd44f527b4bcc84af34');
  });
});

describe('a time', () => {
  const TIMES = [0, -1, 999, 1000, 1_795_284_000_123, 1_795_284_000_124, 1_795_284_001_000, 253_402_300_799_999];

  it('is written as Date writes it, in whatever order times are asked for', () => {
    const times = [...TIMES, ...TIMES.toReversed(), 253_402_300_800_000, 253_402_300_800_001, -62_198_755_200_000];
    for (const time of [...times, 1_795_284_000_124.5]) expect(isoTime(time)).toBe(new Date(time).toISOString());
  });

  it.each([Number.NaN, Infinity, 8.64e15 + 1])('that is none (%s) is an error', (time) => {
    expect(() => isoTime(time)).toThrow(RangeError);
  });
});

describe('redaction', () => {
  it.each([
    ['postgres://user:s3cret@db:5432/x', 'postgres://user:***@db:5432/x'],
    ['redis://:s3cret@cache', 'redis://:***@cache'],
    ['failed: https://a:s3cret@h/ and http://b:s3cret@i/', 'failed: https://a:***@h/ and http://b:***@i/'],
    ['Authorization: Bearer s3cret.s3cret', 'Authorization: ***'],
    ['authorization=Basic czNjcmV0', 'authorization=***'],
    ['{"authorization":"Bearer s3cret"}', '{"authorization":"***"}'],
    ['X-Consul-Token: s3cret-s3cret', 'X-Consul-Token: ***'],
    ['sent bearer s3cret==', 'sent Bearer ***'],
    ['password=s3cret host=db', 'password=*** host=db'],
    ['{"password": "s3cret with spaces", "a": 1}', '{"password": ***, "a": 1}'],
    ['CONSUL_HTTP_TOKEN=s3cret', 'CONSUL_HTTP_TOKEN=***'],
    ['?api_key=s3cret&x=1', '?api_key=***&x=1'],
    ["private-key: 's3cret'", 'private-key: ***'],
    ['client_secret=s3cret;next', 'client_secret=***;next'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
    expect(redact(redact(text))).toBe(redact(text));
  });

  it.each([
    ['postgres://user:s3/cret@db/x', 'postgres://user:***@db/x'],
    ['postgres://user:s3@cret@db/x', 'postgres://user:***@db/x'],
  ])('an unescaped character in a password hides it no less: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'invalid service name "onex-effect-a:b@c"',
    'the token bucket is empty',
    'http://10.0.0.1:8080/health',
  ])('leaves alone what is no secret: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('knows configured secrets wherever they turn up, but none so short that it would mask words', () => {
    registerSecret('Tr0ub4dor');
    registerSecret('ab');
    registerSecret(undefined);
    expect(redact('login as Tr0ub4dor/Tr0ub4dor, about')).toBe('login as ***/***, about');
  });

  it('is cut to the limit, and not so that half a secret stays', () => {
    expect(redact('x'.repeat(2000))).toHaveLength(1000);
    expect(redact('abcdef', 4)).toBe('abc…');
    expect(redact(`${'x'.repeat(30)} password=s3cret`, 42)).not.toContain('s3');
  });

  it('takes the text of whatever was thrown, with its causes', () => {
    const cause = new Error('password=s3cret');
    expect(errorText(new Error('outer', { cause }))).toBe('outer: password=***');
    expect(errorText(new AggregateError([new Error('a'), new Error('b')]))).toBe('a; b');
    expect(errorText(new Error('no route: refused', { cause: new Error('refused') }))).toBe('no route: refused');
    expect(errorText('thrown text')).toBe('thrown text');
    expect(errorText(new TypeError())).toBe('TypeError');
    const endless: { cause?: unknown } & Error = new Error('again');
    endless.cause = endless;
    expect(errorText(endless)).toBe('again');
  });
});
