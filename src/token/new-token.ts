import { createHash, randomBytes } from 'node:crypto';

export type Wanted = { readonly name: string; readonly role: string; readonly nodes: string | null };

/** So that who finds one in a log or a repository, man or scanner, knows what it is. */
const PREFIX = 'rollcall_';

/** 256 random bits cannot be guessed, so one round of SHA-256 hides them as well as any slow hash would. */
export function newToken(wanted: Wanted): { readonly token: string; readonly entry: string } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, entry: entryOf(wanted, createHash('sha256').update(token).digest('hex')) };
}

export function entryOf({ name, role, nodes }: Wanted, sha256: string): string {
  return [name, role, ...(nodes === null ? [] : [nodes]), sha256].join(':');
}
