import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OidcOptions } from '../../src/api/access/access-options.js';
import { callerOf } from '../../src/api/access/oidc/caller-of.js';
import { fetchJson } from '../../src/api/access/oidc/fetch-json.js';
import { JwtCallers } from '../../src/api/access/oidc/jwt-callers.js';
import { KeySource } from '../../src/api/access/oidc/key-source.js';
import { hashOf } from '../../src/api/access/known-tokens.js';
import { AUDIENCE, Provider } from '../security/provider.js';

const OIDC: OidcOptions = {
  issuer: 'x',
  audience: AUDIENCE,
  jwksUrl: null,
  rolesClaim: 'roles',
  rolePrefix: 'rollcall-',
  nodeClaim: 'sub',
  clockToleranceS: 30,
};

describe('tokens of the provider', () => {
  let provider: Provider;
  let now: number;
  let sut: JwtCallers;

  beforeAll(async () => {
    provider = await Provider.start();
  });
  afterAll(() => provider.close());
  beforeEach(() => {
    now = Date.now();
    const keys = new KeySource(
      () => Promise.resolve(`${provider.issuer}/keys`),
      fetchJson,
      () => undefined,
      () => now,
    );
    sut = new JwtCallers({ ...OIDC, issuer: provider.issuer }, keys, () => now);
  });

  it('are looked at once a minute, and never beyond their end', async () => {
    const exp = Math.floor(now / 1000) + 90;
    const token = await provider.token({ roles: ['rollcall-reader'], exp });
    const hash = hashOf(token);
    expect(sut.known(hash)).toBeNull();
    const caller = await sut.verify(token, hash);
    expect(caller).toEqual({ name: 'somebody', role: 'reader', source: 'oidc', nodes: null, expiresAt: exp * 1000 });
    expect(sut.known(hash)).toBe(caller);
    now += 61_000;
    expect(sut.known(hash)).toBeNull();
    await sut.verify(token, hash);
    now = exp * 1000;
    expect(sut.known(hash)).toBeNull();
    // The clocks may differ a little.
    await expect(sut.verify(token, hash)).resolves.toMatchObject({ name: 'somebody' });
    now += 31_000;
    await expect(sut.verify(token, hash)).rejects.toMatchObject({ type: 'unauthenticated' });
  });

  it('may be signed by any of several keys, where they name none', async () => {
    const { keys } = provider.jwks;
    const old = provider.jwks;
    await provider.rotate('second');
    provider.jwks = { keys: [...keys, ...provider.jwks.keys].map(({ kid: _kid, ...key }) => key) };
    try {
      const token = await provider.token({ roles: ['rollcall-admin'] }, { kid: undefined } as never);
      await expect(sut.verify(token, hashOf(token))).resolves.toMatchObject({ role: 'admin' });
      const [header, claims] = token.split('.');
      const forged = `${header}.${claims}.${'A'.repeat(86)}`;
      await expect(sut.verify(forged, hashOf(forged))).rejects.toMatchObject({ type: 'unauthenticated' });
    } finally {
      provider.jwks = old;
    }
  });

  it('do not fill the memory', () => {
    const remember = (sut as unknown as { remember(hash: string, caller: object): void }).remember.bind(sut);
    for (let n = 0; n < 12_000; n++) remember(`hash-${n}`, { expiresAt: null });
    const { remembered } = sut as unknown as { remembered: Map<string, unknown> };
    expect([remembered.size, remembered.has('hash-0'), remembered.has('hash-11999')]).toEqual([10_000, false, true]);
  });
});

describe('the role that claims give', () => {
  const CLAIMS = { sub: 'olga', exp: 5 };
  const roleOf = (claims: object, options: Partial<OidcOptions> = {}) =>
    callerOf({ ...CLAIMS, ...claims }, { ...OIDC, ...options }).role;

  it.each([
    [['rollcall-reader'], 'reader'],
    [['rollcall-admin', 'rollcall-reader'], 'admin'],
    [['x', 'rollcall-operator', 'rollcall-node'], 'operator'],
    ['openid rollcall-operator profile', 'operator'],
  ])('%j', (roles, role) => {
    expect(roleOf({ roles })).toBe(role);
  });

  it('may be found by a path, or under a name with dots in it', () => {
    expect(roleOf({ realm_access: { roles: ['rollcall-admin'] } }, { rolesClaim: 'realm_access.roles' })).toBe('admin');
    const rolesClaim = 'https://example.com/roles';
    expect(roleOf({ [rolesClaim]: ['rollcall-reader'] }, { rolesClaim })).toBe('reader');
    expect(() => roleOf({}, { rolesClaim: 'constructor.name' })).toThrow(/none of the roles/);
  });

  it('binds a node to the id that a claim has', () => {
    expect(
      callerOf({ ...CLAIMS, roles: ['rollcall-node'], node: 'worker-7' }, { ...OIDC, nodeClaim: 'node' }),
    ).toMatchObject({
      role: 'node',
      nodes: 'worker-7',
    });
    // A prefix is for who writes the configuration.
    for (const node of ['worker-*', '*', '', 5, undefined]) {
      expect(() => roleOf({ roles: ['rollcall-node'], node }, { nodeClaim: 'node' })).toThrow(/no node id/);
    }
  });

  it('goes with a name that can be written down', () => {
    const { name } = callerOf({ sub: `a\0b\n\ud800${'x'.repeat(300)}`, exp: 5, roles: ['rollcall-reader'] }, OIDC);
    expect(name).toMatch(/^a\ufffdb\ufffd\ufffdx+$/);
    expect(name.length).toBe(255);
  });
});
