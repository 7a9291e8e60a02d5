import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { errorText } from '../../messages/index.js';
import { LOG, type Log } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import { ACCESS_OPTIONS, type AccessOptions, type OidcOptions } from './access-options.js';
import { forbidden } from './authorize.js';
import { ANONYMOUS, type Caller } from './caller.js';
import { hashOf, KnownTokens } from './known-tokens.js';
import { fetchJson } from './oidc/fetch-json.js';
import { JwtCallers, unauthenticated } from './oidc/jwt-callers.js';
import { KeySource } from './oidc/key-source.js';
import { locateKeys } from './oidc/locate-keys.js';

/** RFC 6750; the token's own characters are of its maker. */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** Says who a caller is by what it shows: nothing but the text of an `Authorization` header counts. */
@Injectable()
export class AccessControl {
  /** Nobody has to authenticate. */
  readonly isOpen: boolean;
  private readonly tokens: KnownTokens;
  private readonly jwts: JwtCallers | null;

  constructor(@Inject(ACCESS_OPTIONS) { open, tokens, oidc }: AccessOptions, @Inject(LOG) log: Log) {
    this.isOpen = open;
    this.tokens = new KnownTokens(tokens);
    this.jwts = oidc === null ? null : jwtCallers(oidc, log);
  }

  /** Without waiting: a token of ours, or one that was found good a moment ago. Null where it has to be looked at. */
  known(authorization: string | undefined): Caller | null {
    if (this.isOpen) return ANONYMOUS;
    const token = tokenIn(authorization);
    if (token === null) return null;
    const hash = hashOf(token);
    return this.tokens.find(hash) ?? this.jwts?.known(hash) ?? null;
  }

  /** Throws the problems `unauthenticated`, `forbidden` and `identity-provider-unavailable`. */
  async authenticate(authorization: string | undefined): Promise<Caller> {
    const known = this.known(authorization);
    if (known !== null) return known;
    if (authorization === undefined) {
      throw new Problem('unauthenticated', 'This takes a token: send it as "Authorization: Bearer TOKEN".');
    }
    const token = tokenIn(authorization);
    if (token === null) {
      throw new Problem('unauthenticated', 'Authorization has to be "Bearer TOKEN"; nothing else is taken here.');
    }
    if (this.jwts === null) throw unauthenticated('it is not known here');
    return this.jwts.verify(token, hashOf(token));
  }

  /**
   * Who begins a WebSocket of GraphQL: by the header of its request, or else by the payload of its `connection_init`,
   * `{ "authorization": "Bearer TOKEN" }`. Throws as `authenticate`, and `forbidden` for who may not read.
   */
  async authenticateInit(payload: unknown, request?: Pick<FastifyRequest, 'caller'>): Promise<Caller> {
    const caller = request?.caller ?? (await this.authenticate(authorizationIn(payload)));
    const refused = forbidden(caller, { least: 'reader' }, { operation: 'GraphQL', nodeId: undefined });
    if (refused !== null) throw refused;
    return caller;
  }
}

function jwtCallers(oidc: OidcOptions, log: Log): JwtCallers {
  const { issuer, jwksUrl } = oidc;
  const locate = jwksUrl === null ? () => locateKeys(issuer, fetchJson) : () => Promise.resolve(jwksUrl);
  const failed = (error: unknown): void => {
    log.warn({ issuer, error: errorText(error) }, 'the keys of the OpenID provider could not be fetched');
  };
  return new JwtCallers(oidc, new KeySource(locate, fetchJson, failed));
}

function tokenIn(authorization: string | undefined): string | null {
  return BEARER.exec(authorization ?? '')?.[1] ?? null;
}

/** Names of headers have no case, and some clients have theirs. */
function authorizationIn(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const [, value] = Object.entries(payload).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof value === 'string' ? value : undefined;
}
