import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const AUDIENCE = 'rollcall-tests';

/** An OpenID provider of a test: its discovery document, its keys, and tokens that it signs. */
export class Provider {
  /** How often each path was asked for. */
  readonly asked: string[] = [];
  /** Answers in place of the good ones, by path. */
  readonly instead = new Map<string, (response: ServerResponse) => void>();
  jwks: { keys: JWK[] } = { keys: [] };

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    private key: { readonly kid: string; readonly privateKey: CryptoKey },
  ) {}

  static async start(): Promise<Provider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(server, issuer, await newKey('first'));
    server.on('request', ({ url = '' }, response) => provider.answer(url, response));
    provider.jwks = { keys: [await publicJwk(provider.key)] };
    return provider;
  }

  /** Its keys are replaced; tokens are signed by the new one. */
  async rotate(kid: string): Promise<void> {
    const key = await newKey(kid);
    this.key = key;
    this.jwks = { keys: [await publicJwk(key)] };
  }

  /** A good token, but for the changes. A claim that is undefined is left out. */
  async token(
    claims: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, string>> = {},
    key?: CryptoKey,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: this.issuer, aud: AUDIENCE, sub: 'somebody', iat: now, exp: now + 300, ...claims };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(given)
      .setProtectedHeader({ alg: 'ES256', kid: this.key.kid, typ: 'JWT', ...header })
      .sign(key ?? this.key.privateKey);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(path: string, response: ServerResponse): void {
    this.asked.push(path);
    const instead = this.instead.get(path);
    if (instead !== undefined) instead(response);
    else if (path === '/.well-known/openid-configuration') {
      json(response, { issuer: this.issuer, jwks_uri: `${this.issuer}/keys` });
    } else if (path === '/keys') json(response, this.jwks);
    else response.writeHead(404).end();
  }
}

export function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function newKey(kid: string) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey };
}

async function publicJwk(key: { readonly kid: string; readonly privateKey: CryptoKey }): Promise<JWK> {
  const { kty, crv, x, y } = await exportJWK(key.privateKey);
  // Without d, which is the private part.
  return { kty: kty!, crv: crv!, x: x!, y: y!, kid: key.kid, alg: 'ES256', use: 'sig' };
}
