import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose';
import { ProviderUnavailable, type FetchJson } from './fetch-json.js';

/** Keys are asked for anew when they are older; so long a key that the provider has withdrawn may still be taken. */
const FRESH_MS = 10 * 60_000;
/** While the provider is away, keys are used that are older than that, up to this. */
const USABLE_MS = 60 * 60_000;
/** A key that is not known may be new. Tokens with made-up keys have the provider asked no more often than this. */
const COOLDOWN_MS = 30_000;
/** A provider that is away is left alone for so long. */
const AWAY_MS = 5000;
const MAX_KEYS = 100;

type Keys = {
  readonly find: (header: JWSHeaderParameters, jws?: FlattenedJWSInput) => Promise<CryptoKey>;
  readonly fetchedAt: number;
};

/**
 * The public keys of the provider. Fetched when the first token comes, kept, and fetched again when they are old or a token names one
 * that is not there. An answer that is no set of keys changes nothing.
 */
export class KeySource {
  private keys: Keys | null = null;
  private fetching: Promise<Keys> | null = null;
  private failedAt = -Infinity;

  constructor(
    private readonly locate: () => Promise<string>,
    private readonly fetchJson: FetchJson,
    /** Hears of each time that the keys could not be had. */
    private readonly failed: (error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** The key that a token names. Throws {@link ProviderUnavailable}, or jose's errors: there is none, or there are several. */
  async keyFor(header: JWSHeaderParameters, jws?: FlattenedJWSInput): Promise<CryptoKey> {
    const keys = await this.current();
    try {
      return await keys.find(header, jws);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.now() - keys.fetchedAt < COOLDOWN_MS) throw error;
    }
    const { find } = await this.refreshed();
    return find(header, jws);
  }

  private async current(): Promise<Keys> {
    const { keys } = this;
    const age = keys === null ? Infinity : this.now() - keys.fetchedAt;
    if (keys !== null && age < FRESH_MS) return keys;
    try {
      return await this.refreshed();
    } catch (error) {
      if (keys !== null && age < USABLE_MS) return keys;
      throw error;
    }
  }

  private refreshed(): Promise<Keys> {
    if (this.now() - this.failedAt < AWAY_MS) {
      return Promise.reject(new ProviderUnavailable('the provider did not answer a moment ago'));
    }
    this.fetching ??= this.fetched().finally(() => (this.fetching = null));
    return this.fetching;
  }

  private async fetched(): Promise<Keys> {
    try {
      const find = keysIn(await this.fetchJson(await this.locate()));
      this.keys = { find, fetchedAt: this.now() };
      return this.keys;
    } catch (error) {
      this.failedAt = this.now();
      this.failed(error);
      throw error;
    }
  }
}

function keysIn(document: unknown): Keys['find'] {
  try {
    const find = createLocalJWKSet(document as Parameters<typeof createLocalJWKSet>[0]);
    const { length } = find.jwks().keys;
    if (length > MAX_KEYS) throw new Error(`${length} keys`);
    return find;
  } catch (error) {
    throw new ProviderUnavailable("the provider's set of keys is not one", { cause: error });
  }
}
