import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { AccessControl } from '../../src/api/access/access-control.js';
import type { Problem } from '../../src/api/http/problem.js';
import { createLog } from '../../src/runtime/index.js';
import { accessOptions } from '../access/options.js';
import { AUDIENCE, json, Provider } from './provider.js';

const DISCOVERY = '/.well-known/openid-configuration';
const KEYS = '/keys';

/** API10:2023 Unsafe consumption of APIs: the only one that is consumed is that of the OpenID provider. */
export function unsafeConsumption(): void {
  describe('API10 unsafe consumption of APIs', () => {
    let provider: Provider;
    beforeEach(async () => {
      provider = await Provider.start();
    });
    afterEach(() => provider.close());

    function control(): AccessControl {
      const { issuer } = provider;
      const oidc = {
        issuer,
        audience: AUDIENCE,
        jwksUrl: null,
        rolesClaim: 'roles',
        rolePrefix: 'rollcall-',
        nodeClaim: 'sub',
        clockToleranceS: 5,
      };
      return new AccessControl(accessOptions({ open: false, oidc }), createLog('silent'));
    }

    /** Type and status of the problem that a good token meets. */
    async function meets(): Promise<readonly [string, number] | 'nothing'> {
      const token = await provider.token({ roles: ['rollcall-admin'] });
      try {
        await control().authenticate(`Bearer ${token}`);
        return 'nothing';
      } catch (error) {
        const { type, status } = error as Problem;
        return [type, status];
      }
    }

    const raw = (text: string) => (response: ServerResponse) => response.writeHead(200).end(text);

    it('a provider that answers well', async () => {
      expect(await meets()).toBe('nothing');
    });

    it.each<[string, string, (response: ServerResponse) => void]>([
      ['no JSON', KEYS, raw('<html>')],
      ['nothing', KEYS, raw('')],
      ['no keys', KEYS, (response) => json(response, {})],
      ['keys that are none', KEYS, (response) => json(response, { keys: [null, 5, 'x'] })],
      [
        'far too many keys',
        KEYS,
        (response) => json(response, { keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) }),
      ],
      ['more than anybody would read', KEYS, (response) => json(response, { keys: [], padding: 'x'.repeat(600_000) })],
      ['500', KEYS, (response) => response.writeHead(500).end()],
      ['a connection that breaks', KEYS, (response) => response.destroy()],
      [
        'a redirection, for instance to a service of the cloud',
        KEYS,
        (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      ],
      ['a discovery document that is none', DISCOVERY, (response) => json(response, [])],
      [
        'a discovery document of another issuer',
        DISCOVERY,
        (response) => json(response, { issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' }),
      ],
      [
        'keys that lie in a file',
        DISCOVERY,
        (response) => json(response, { issuer: provider.issuer, jwks_uri: 'file:///etc/passwd' }),
      ],
      ['no discovery document', DISCOVERY, (response) => response.writeHead(404).end()],
    ])('a provider that answers with %s: 503, and nobody is let in', async (_what, path, answer) => {
      provider.instead.set(path, answer);
      expect(await meets()).toEqual(['identity-provider-unavailable', 503]);
    });

    it('a provider that gives its private keys away', async () => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      provider.jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'first', alg: 'ES256' }] };
      expect(await meets()).toEqual(['identity-provider-unavailable', 503]);
    });

    it('a provider with a shared secret among its keys', async () => {
      provider.jwks = { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'first' }] };
      expect(await meets()).toEqual(['unauthenticated', 401]);
    });

    it('a provider that is away', async () => {
      const sut = control();
      const token = await provider.token({ roles: ['rollcall-admin'] });
      await provider.close();
      await expect(sut.authenticate(`Bearer ${token}`)).rejects.toMatchObject({
        type: 'identity-provider-unavailable',
        status: 503,
      });
      provider = await Provider.start();
    });
  });
}
