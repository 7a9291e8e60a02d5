import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { Problem } from '../../http/problem.js';
import type { OidcOptions } from '../access-options.js';
import type { Caller } from '../caller.js';
import { callerOf } from './caller-of.js';
import { ProviderUnavailable } from './fetch-json.js';
import type { KeySource } from './key-source.js';

/** Signatures by a key pair only: with a shared secret, or none at all, anybody who knows the public key could make tokens. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** So long a token that was found good is taken without another look. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;
const MAX_LENGTH = 8192;

const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Callers by the tokens (JWT, RFC 7519) of the OpenID provider. */
export class JwtCallers {
  /** By the hash of the token: memory holds none. */
  private readonly remembered = new Map<string, { readonly caller: Caller; readonly until: number }>();
  private readonly verifying: JWTVerifyOptions;

  constructor(
    private readonly options: OidcOptions,
    private readonly keys: KeySource,
    private readonly now: () => number = Date.now,
  ) {
    const { issuer, audience, clockToleranceS: clockTolerance } = options;
    this.verifying = { issuer, audience, clockTolerance, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'] };
  }

  /** Of a token that was found good a moment ago. */
  known(hash: Buffer): Caller | null {
    const found = this.remembered.get(hash.toString('base64'));
    return found !== undefined && this.now() < found.until ? found.caller : null;
  }

  /** Throws the problems `unauthenticated`, `forbidden` (no role in it) and `identity-provider-unavailable`. */
  async verify(token: string, hash: Buffer): Promise<Caller> {
    if (token.length > MAX_LENGTH || !FORM.test(token)) throw unauthenticated('it is not known here');
    const caller = callerOf(await this.claimsOf(token), this.options);
    this.remember(hash.toString('base64'), caller);
    return caller;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      return await this.verified(token, (header, jws) => this.keys.keyFor(header, jws));
    } catch (error) {
      if (error instanceof ProviderUnavailable || error instanceof errors.JWKSInvalid) {
        throw new Problem(
          'identity-provider-unavailable',
          'The keys of the OpenID provider cannot be had now, so the token cannot be checked. Try again later.',
        );
      }
      if (error instanceof errors.JOSEError) throw unauthenticated(reasonOf(error));
      throw error;
    }
  }

  private async verified(token: string, key: JWTVerifyGetKey): Promise<JWTPayload> {
    try {
      return await this.verifiedBy(token, key);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // The token names no key: any of those that fit may have signed it.
      for await (const one of error) {
        try {
          return await this.verifiedBy(token, () => one);
        } catch (inner) {
          if (!(inner instanceof errors.JWSSignatureVerificationFailed)) throw inner;
        }
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }

  private async verifiedBy(token: string, key: JWTVerifyGetKey): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, key, { ...this.verifying, currentDate: new Date(this.now()) });
    return payload;
  }

  private remember(hash: string, caller: Caller): void {
    const until = Math.min(this.now() + REMEMBERED_MS, caller.expiresAt ?? Infinity);
    this.remembered.delete(hash);
    this.remembered.set(hash, { caller, until });
    if (this.remembered.size <= MAX_REMEMBERED) return;
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined) this.remembered.delete(oldest);
  }
}

/** Words for who has sent the token; none of what is in it. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is not what it has to be here`;
  if (error instanceof errors.JWKSNoMatchingKey) return 'its key is none of the provider';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not fit';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return 'its algorithm is not allowed';
  }
  return 'it is no valid JWT';
}

export function unauthenticated(why: string): Problem {
  return new Problem('unauthenticated', `The token is not accepted: ${why}.`);
}
