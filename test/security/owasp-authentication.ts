import { describe, expect, it } from '@jest/globals';
import { exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { AUDIENCE } from './provider.js';
import { rawRequest } from './raw-request.js';
import { typeOf, type World } from './world.js';

/** API2:2023 Broken authentication. */
export function authentication(world: () => World): void {
  const asks = (token: string) => world().withToken(token, '/v1/whoami');

  /** Refused, with the words that the challenge has to have. */
  async function isRefused(token: string, why: RegExp): Promise<void> {
    const answer = await asks(token);
    expect([answer.status, typeOf(answer)]).toEqual([401, '/problems/unauthenticated']);
    expect(answer.body?.['detail']).toMatch(why);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="rollcall", error="invalid_token"');
    expect(answer.text).not.toContain(token.slice(0, 40));
  }

  describe('API2 broken authentication', () => {
    it('no credentials', async () => {
      const answer = await world().as(null, '/v1/nodes');
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="rollcall"']);
    });

    it.each([
      ['another scheme', 'Basic YWRtaW46YWRtaW4='],
      ['no token', 'Bearer '],
      ['two tokens', 'Bearer a b'],
      ['the token alone', 'rollcall_x'],
    ])('%s', async (_what, authorization) => {
      expect((await rawRequest(`${world().url}/v1/whoami`, { headers: { authorization } })).status).toBe(401);
    });

    it('a token in the URL, where logs would keep it', async () => {
      const { url } = world();
      const token = world().token('admin');
      for (const name of ['access_token', 'token', 'authorization', 'api_key']) {
        expect((await rawRequest(`${url}/v1/nodes?${name}=${token}`)).status).toBe(401);
      }
    });

    it('the hash of a token in its place', async () => {
      await isRefused(Buffer.from(world().token('admin')).toString('hex'), /not known/);
    });

    it('a token cut short, or with more behind it', async () => {
      await isRefused(world().token('admin').slice(0, -1), /not known/);
      await isRefused(`${world().token('admin')}0`, /not known/);
    });

    it('a good token of the provider, to know that the others fail for what is wrong with them', async () => {
      const answer = await asks(await world().provider.token({ sub: 'olga', roles: ['rollcall-operator', 'other'] }));
      expect(answer.body).toMatchObject({ name: 'olga', role: 'operator', source: 'oidc', nodes: null });
    });

    it('alg none', async () => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { iss: world().provider.issuer, aud: AUDIENCE, sub: 'x', exp: 4e9, roles: ['rollcall-admin'] };
      await isRefused(`${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`, /algorithm|JWT/);
      await isRefused(`${part({ alg: 'None' })}.${part(claims)}.x`, /algorithm|JWT/);
    });

    it("HS256 with the provider's public key as its secret", async () => {
      const [jwk] = world().provider.jwks.keys;
      const publicKey = await importJWK({ ...jwk! }, 'ES256', { extractable: true });
      const secrets = [await exportSPKI(publicKey as CryptoKey), JSON.stringify(jwk), jwk!.x!];
      for (const secret of secrets) {
        const token = await new SignJWT({ roles: ['rollcall-admin'] })
          .setProtectedHeader({ alg: 'HS256', kid: jwk!.kid! })
          .setIssuer(world().provider.issuer)
          .setAudience(AUDIENCE)
          .setSubject('x')
          .setExpirationTime('5 minutes')
          .sign(Buffer.from(secret));
        await isRefused(token, /algorithm/);
      }
    });

    it("somebody else's key under the provider's key id", async () => {
      const { privateKey } = await generateKeyPair('ES256');
      await isRefused(await world().provider.token({ roles: ['rollcall-admin'] }, {}, privateKey), /signature/);
    });

    it('a key that comes with the token', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const { exportJWK } = await import('jose');
      const jwk = JSON.stringify(await exportJWK(publicKey));
      await isRefused(
        await world().provider.token({}, { kid: 'mine', jwk, jku: 'http://127.0.0.1:1/' }, privateKey),
        /key|JWT/,
      );
    });

    it.each([
      ['another audience', { aud: 'billing' }, /aud/],
      ['no audience', { aud: undefined }, /aud/],
      ['another issuer', { iss: 'https://elsewhere.example' }, /iss/],
      ['expired', { exp: Math.floor(Date.now() / 1000) - 120 }, /expired/],
      ['without an end', { exp: undefined }, /exp/],
      ['without a subject', { sub: undefined }, /sub/],
      ['not yet good', { nbf: Math.floor(Date.now() / 1000) + 3600 }, /nbf/],
    ])('a token of the provider with %s', async (_what, claims, why) => {
      await isRefused(await world().provider.token({ roles: ['rollcall-admin'], ...claims }), why);
    });

    it('a good token whose claims were changed', async () => {
      const [header, , signature] = (await world().provider.token({ roles: ['rollcall-reader'] })).split('.');
      const claims = { iss: world().provider.issuer, aud: AUDIENCE, sub: 'x', exp: 4e9, roles: ['rollcall-admin'] };
      await isRefused(
        `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`,
        /signature/,
      );
    });

    it.each([
      ['no roles', undefined],
      ['roles without the prefix', ['admin', 'operator']],
      ['roles that only look like ours', ['rollcall-administrator', 'xrollcall-admin', 'ROLLCALL-ADMIN']],
      ['roles that are no texts', [{ toString: 'rollcall-admin' }, ['rollcall-admin'], null]],
    ])('a good token with %s is nobody here', async (_what, roles) => {
      const answer = await asks(await world().provider.token({ roles }));
      expect([answer.status, typeOf(answer)]).toEqual([403, '/problems/forbidden']);
    });

    it('a token that is far too long', async () => {
      await isRefused(`${'a'.repeat(5000)}.${'b'.repeat(5000)}.c`, /not known/);
    });
  });
}

type CryptoKey = Parameters<typeof exportSPKI>[0];
