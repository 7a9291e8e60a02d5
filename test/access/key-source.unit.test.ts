import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { errors, exportJWK, generateKeyPair, type JWK } from 'jose';
import { ProviderUnavailable } from '../../src/api/access/oidc/fetch-json.js';
import { KeySource } from '../../src/api/access/oidc/key-source.js';

const MINUTE = 60_000;
const header = (kid: string) => ({ alg: 'ES256', kid });

let first: JWK;
let second: JWK;
beforeAll(async () => {
  [first, second] = (await Promise.all(['first', 'second'].map(publicKey))) as [JWK, JWK];
});

async function publicKey(kid: string): Promise<JWK> {
  const { publicKey: key } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(key)), kid, alg: 'ES256' };
}

describe('the keys of the provider', () => {
  let now: number;
  let asked: number;
  let failures: number;
  let answer: () => unknown;
  let sut: KeySource;

  beforeEach(() => {
    [now, asked, failures] = [1_000_000, 0, 0];
    answer = () => ({ keys: [first] });
    sut = new KeySource(
      () => Promise.resolve('https://x/keys'),
      () => {
        asked += 1;
        // As a fetch does, which never throws at once.
        return Promise.resolve().then(answer);
      },
      () => (failures += 1),
      () => now,
    );
  });
  const away = (): never => {
    throw new ProviderUnavailable('away');
  };
  const finds = (kid: string) =>
    sut.keyFor(header(kid)).then(
      () => 'found',
      (error: unknown) => (error as Error).constructor,
    );

  it('are fetched once, for all who ask at once and for some minutes', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => finds('first')))).toEqual(Array(20).fill('found'));
    now += 9 * MINUTE;
    expect([await finds('first'), asked]).toEqual(['found', 1]);
    now += 2 * MINUTE;
    expect([await finds('first'), asked]).toEqual(['found', 2]);
  });

  it('are fetched anew for a key that is not known, but not for each that is made up', async () => {
    await finds('first');
    answer = () => ({ keys: [first, second] });
    expect([await finds('second'), asked]).toEqual([errors.JWKSNoMatchingKey, 1]);
    now += 31_000;
    expect([await finds('second'), asked]).toEqual(['found', 2]);
    for (let n = 0; n < 50; n++) expect(await finds(`made-up-${n}`)).toBe(errors.JWKSNoMatchingKey);
    expect(asked).toBe(2);
  });

  it('are kept for a while when the provider is away, and not for ever', async () => {
    await finds('first');
    answer = away;
    now += 30 * MINUTE;
    expect([await finds('first'), failures]).toEqual(['found', 1]);
    now += 31 * MINUTE;
    expect(await finds('first')).toBe(ProviderUnavailable);
  });

  it('cannot be said to lack a key while the provider is away', async () => {
    await finds('first');
    answer = away;
    now += MINUTE;
    expect(await finds('second')).toBe(ProviderUnavailable);
    expect(await finds('first')).toBe('found');
  });

  it('are asked for again soon after a failure, not at once', async () => {
    answer = away;
    for (let n = 0; n < 10; n++) expect(await finds('first')).toBe(ProviderUnavailable);
    expect([asked, failures]).toEqual([1, 1]);
    answer = () => ({ keys: [first] });
    now += 6000;
    expect([await finds('first'), asked]).toEqual(['found', 2]);
  });

  it('are not replaced by rubbish', async () => {
    await finds('first');
    now += 11 * MINUTE;
    for (const rubbish of [null, 'x', {}, { keys: 5 }, { keys: ['x'] }, { keys: Array(101).fill(first) }]) {
      answer = () => rubbish;
      now += 6000;
      expect(await finds('first')).toBe('found');
    }
    expect(failures).toBe(6);
  });

  it('are forgotten when the provider has withdrawn them', async () => {
    await finds('first');
    answer = () => ({ keys: [second] });
    now += 11 * MINUTE;
    expect(await finds('first')).toBe(errors.JWKSNoMatchingKey);
  });
});
