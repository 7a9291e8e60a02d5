import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  isFresh,
  isSignedBy,
  PUBLIC_KEY_PATTERN,
  publicKeyFrom,
  publicKeyOf,
  readSignature,
  signatureHeaders,
  signatureOf,
  signedBytes,
  type Signable,
} from '../../src/messages/index.js';
import { page } from '../docs/pages.js';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = publicKeyOf(privateKey);
const RECORD = { topic: 'evt.node-heartbeat.v1', key: 'n-1', value: '{"a":"ä"}' } as const satisfies Signable;
const signature = signatureOf(RECORD, privateKey, publicKey);
const isTrue = (record: Signable, given = signature): boolean =>
  isSignedBy(record, given, publicKeyFrom(given.publicKey));

describe('the signature of a record', () => {
  it('is that of its bytes: version, topic, key and value, a line each', () => {
    expect(signedBytes(RECORD).toString()).toBe('rollcall-signature-v1\nevt.node-heartbeat.v1\nn-1\n{"a":"ä"}');
    const asBytes = { ...RECORD, key: Buffer.from(RECORD.key), value: Buffer.from(RECORD.value) };
    expect(isTrue(asBytes)).toBe(true);
    expect(signatureOf(asBytes, privateKey, publicKey)).toEqual(signature);
  });

  it.each<[string, Signable]>([
    ['another topic', { ...RECORD, topic: 'evt.node-introspection.v1' }],
    ['another node', { ...RECORD, key: 'n-2' }],
    ['another value', { ...RECORD, value: '{"a":"a"}' }],
    ['the same value, written otherwise', { ...RECORD, value: '{"a": "ä"}' }],
    ['a part of the value in the key', { ...RECORD, key: 'n-1\n{"a"', value: ':"ä"}' }],
  ])('is not that of %s', (_what, other) => {
    expect(isTrue(other)).toBe(false);
  });

  it('is not that of another key', () => {
    const other = publicKeyOf(generateKeyPairSync('ed25519').publicKey);
    expect(isTrue(RECORD, { ...signature, publicKey: other })).toBe(false);
  });

  it('has one text, and so has its key', () => {
    const texts = Array.from({ length: 50 }, () => {
      const key = generateKeyPairSync('ed25519').privateKey;
      return signatureOf(RECORD, key, publicKeyOf(key));
    });
    for (const text of texts) expect(readSignature(signatureHeaders(text))).toEqual(text);
    // The same bytes, with bits behind them that mean nothing.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = `${publicKey.slice(0, -1)}${last[last.indexOf(publicKey.at(-1)!) + 1]}`;
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(publicKey, 'base64url'));
    expect(PUBLIC_KEY_PATTERN.test(twin)).toBe(false);
  });
});

describe('the headers of a signature', () => {
  const good = signatureHeaders(signature);

  it('may be missing', () => {
    expect(readSignature({ traceparent: 'x' })).toBeNull();
  });

  it.each<[string, Record<string, unknown>]>([
    ['only a key', { public_key: publicKey }],
    ['only a signature', { signature: signature.signature }],
    ['two signatures', { ...good, signature: [signature.signature, signature.signature] }],
    ['padding', { ...good, public_key: `${publicKey}=` }],
    ['hex', { ...good, public_key: Buffer.from(publicKey, 'base64url').toString('hex') }],
    ['nothing', { ...good, signature: '' }],
    ['the registry for a key', { ...good, public_key: 'registry' }],
  ])('are wrong with %s', (_what, headers) => {
    expect(readSignature(headers)).toHaveProperty('wrong');
  });
});

it.each([
  [0, true],
  [-1000, true],
  [1000, true],
  [-1001, false],
  [1001, false],
  [Number.NaN, false],
])('what was said %s ms from its append is fresh within a second: %s', (ms, fresh) => {
  const eventTimestamp = Number.isNaN(ms) ? 'never' : new Date(5000 + ms).toISOString();
  expect(isFresh({ eventTimestamp, appendedAt: 5000 }, 1000)).toBe(fresh);
});

describe('the test vector of docs/nodes.md', () => {
  const nodes = page('docs/nodes.md');
  const part = nodes.slice(nodes.indexOf('## Signatures'));
  const pem =
    /-----BEGIN PRIVATE KEY-----[^`]+?-----END PRIVATE KEY-----/.exec(part)?.[0].replaceAll(/^ +/gm, '') ?? '';
  const told = (name: string): string => new RegExp(`^ {4}${name} +(\\S+)$`, 'm').exec(part)?.[1] ?? '';
  const key = createPrivateKey(pem);

  it('is right', () => {
    const record = { topic: told('topic'), key: told('key'), value: told('value') } as Signable;
    expect(signatureOf(record, key, publicKeyOf(key))).toEqual({
      signature: told('signature'),
      publicKey: told('public_key'),
    });
    expect(isSignedBy(record, { signature: told('signature'), publicKey: '' }, createPublicKey(key))).toBe(true);
    expect(record.topic).toBe('evt.node-heartbeat.v1');
  });
});
