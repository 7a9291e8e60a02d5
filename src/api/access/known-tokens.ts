import { createHash, timingSafeEqual } from 'node:crypto';
import type { KnownToken } from './access-options.js';
import type { Caller } from './caller.js';

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The tokens of the configuration. */
export class KnownTokens {
  private readonly known: readonly { readonly hash: Buffer; readonly caller: Caller }[];

  constructor(tokens: readonly KnownToken[]) {
    this.known = tokens.map(({ name, role, nodes, sha256 }) => ({
      hash: Buffer.from(sha256, 'hex'),
      caller: { name, role, nodes, source: 'token', expiresAt: null },
    }));
  }

  /** Whose token has this hash. Takes as long for one that is known as for one that is not, and looks at all of them in any case. */
  find(hash: Buffer): Caller | null {
    let found: Caller | null = null;
    for (const one of this.known) if (timingSafeEqual(one.hash, hash)) found = one.caller;
    return found;
  }
}
