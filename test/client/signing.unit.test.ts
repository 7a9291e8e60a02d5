import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpTransport, introspect, signerOf, stamped } from '../../src/client/index.js';
import { generateSigningKey, OptionsError } from '../../src/client/sdk.js';
import { settle } from '../../src/client/settled.js';
import { keyIn } from '../../src/fleet/key-file.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import { encode, isSignedBy, publicKeyFrom, topicOf } from '../../src/messages/index.js';
import { CORRELATION } from './answers.js';
import { FakeRegistry } from './http-registry.js';

const { privateKey: PEM, publicKey } = generateSigningKey();
const KEY = createPrivateKey(PEM);
const message = stamped('n-1', introspect(descriptionOf('n-1', 0, 1), CORRELATION).says[0]!);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(pathOf(tmpdir(), 'rollcall-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = pathOf(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the key that a node signs with', () => {
  const settled = (privateKey: unknown) =>
    settle({ nodeId: 'n-1', nodeType: 'effect', registry: { url: 'http://h' }, signing: { privateKey } as never }, 1);
  const mistakes = (privateKey: unknown): readonly string[] => {
    try {
      settled(privateKey);
      return [];
    } catch (error) {
      if (error instanceof OptionsError) return error.mistakes;
      throw error;
    }
  };

  it.each<[string, () => unknown]>([
    ['PEM', () => PEM],
    ['a KeyObject', () => KEY],
    ['a file', () => file('good.pem', PEM)],
  ])('may be %s', (_what, given) => {
    const { signer, node } = settled(given());
    const value = encode(message);
    expect(signer!(message, value)).toEqual(signerOf(KEY)(message, value));
    expect(signer!(message, value).publicKey).toBe(publicKey);
    expect(JSON.stringify(node)).not.toContain('signing');
  });

  it('need not be', () => {
    const { signer } = settle({ nodeId: 'n-1', nodeType: 'effect', registry: { url: 'http://h' } }, 1);
    expect(signer).toBeUndefined();
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  it.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /has to be an Ed25519 key/],
    ['a number', () => 5, /has to be an Ed25519 key/],
    ['a file that is not there', () => pathOf(folder, 'none.pem'), /names a file that cannot be read \(ENOENT\)/],
    ['a file of something else', () => file('bad.pem', 'secret'), /names a file that is no private key/],
    ['broken PEM', () => PEM.replace(/M/g, '!'), /is no private key in PEM/],
    ['a key of another kind', () => rsa, /of Ed25519, not a private one of rsa/],
    ['its public half', () => publicKeyFrom(publicKey), /not a public one/],
  ])('cannot be %s, and nothing of it is told', (_what, given, problem) => {
    const [mistake, ...others] = mistakes(given());
    expect(mistake).toMatch(problem);
    expect(mistake).toContain('signing.privateKey');
    expect(mistake).not.toContain('secret');
    expect(others).toEqual([]);
  });
});

it('the key of a fleet is made where there is none, for nobody else to read, and then kept', () => {
  const path = pathOf(folder, 'fleet.pem');
  const first = keyIn(path);
  const again = keyIn(path);
  if ('wrong' in first || 'wrong' in again) throw new Error('no key');
  expect(first.equals(again)).toBe(true);
  expect(statSync(path).mode & 0o077).toBe(0);
  expect(keyIn(pathOf(folder, 'no', 'folder.pem'))).toHaveProperty('wrong');
});

describe('over HTTP', () => {
  let registry: FakeRegistry;
  let url: string;
  beforeEach(async () => {
    registry = new FakeRegistry();
    url = await registry.start();
  });
  afterEach(() => registry.stop());

  it('what is signed is sent as the very envelope, the same bytes when it is sent again', async () => {
    const transport = new HttpTransport({ url, signer: signerOf(KEY) });
    await transport.open({ types: [], knows: () => true, hear: () => undefined, heardAll: () => undefined, trouble: () => undefined }); // prettier-ignore
    await transport.send([message]);
    await transport.send([message]);
    await transport.close();
    const [first, second] = registry.posted;
    expect(first?.text).toBe(encode(message));
    expect(second).toMatchObject({ text: first?.text, headers: { 'x-signature': first?.headers['x-signature'] } });
    expect(first?.headers['content-type']).toBe('application/vnd.rollcall.envelope+json');
    const given = {
      signature: String(first?.headers['x-signature']),
      publicKey: String(first?.headers['x-public-key']),
    };
    const record = { topic: topicOf('NODE_INTROSPECTION'), key: 'n-1', value: first?.text ?? '' };
    expect(given.publicKey).toBe(publicKey);
    expect(isSignedBy(record, given, publicKeyFrom(publicKey))).toBe(true);
  });
});
