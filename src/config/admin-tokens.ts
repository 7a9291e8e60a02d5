/**
 * Who may use the API by a token, as ADMIN_TOKENS or the file that ADMIN_TOKENS_FILE names it: an entry for each token, with the SHA-256 of
 * it in place of the token itself. `npm run token` makes both.
 *
 *   # what stands behind a # is a comment, to the end of its line
 *   alice:operator:<64 hex digits>
 *   edge:node:worker-*:<64 hex digits>      a node's token may be bound to one node id, or to all that begin so
 */
import { z } from 'zod';
import { errorText } from '../messages/index.js';

export const TOKEN_ROLES = ['reader', 'operator', 'admin', 'node'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** One token that is known. */
export type AdminToken = {
  readonly name: string;
  readonly role: TokenRole;
  /** For which nodes a node's token may speak: an id, or the beginning of ids with `*` behind it. Null: for all; other roles have null. */
  readonly nodes: string | null;
  /** SHA-256 of the token, in hex. */
  readonly sha256: string;
};

const NAME = /^[A-Za-z0-9][\w.@+-]{0,99}$/;
const NODES = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\*?$/;
const SHA256 = /^[\da-f]{64}$/;

/** Entries stand on lines of their own, or have commas, semicolons or blanks between them. */
const BETWEEN = /[\s,;]+/;
const COMMENT = /#.*$/gm;
/** Mistakes of one variable that are told at once. */
const MAX_TOLD = 5;

/** The entries of a text. Calls `mistake` with what is wrong with each that is not valid; never with a part that could be a token. */
export function adminTokensIn(text: string, mistake: (text: string) => void): readonly AdminToken[] {
  const tokens: AdminToken[] = [];
  const entries = text.replace(COMMENT, '').split(BETWEEN).filter(Boolean);
  for (const [index, entry] of entries.entries()) {
    const token = tokenOf(entry, (what) => mistake(`entry ${index + 1}${nameIn(entry)} ${what}`));
    if (token === null) continue;
    const same = tokens.findIndex(({ sha256 }) => sha256 === token.sha256);
    if (same === -1) tokens.push(token);
    else mistake(`entry ${index + 1}${nameIn(entry)} has the hash of an earlier one: a token has one entry`);
  }
  if (entries.length === 0) mistake('there is no entry in it; "npm run token" makes one');
  return tokens;
}

function tokenOf(entry: string, mistake: (text: string) => void): AdminToken | null {
  const parts = entry.split(':');
  const [name = '', role = ''] = parts;
  const sha256 = (parts.at(-1) ?? '').toLowerCase();
  const nodes = parts.length === 4 ? (parts[2] ?? '') : null;
  const wrong = wrongWith({ name, role, nodes, sha256 }, parts.length);
  if (wrong === null) return { name, role: role as TokenRole, nodes, sha256 };
  mistake(wrong);
  return null;
}

type Parts = Omit<AdminToken, 'role'> & { readonly role: string };

function wrongWith({ name, role, nodes, sha256 }: Parts, count: number): string | null {
  if (count < 3 || count > 4) return 'must be name:role:hash, or name:node:id:hash';
  if (!NAME.test(name)) return 'must begin with a name of 1-100 letters, digits and ".", "_", "-", "@", "+"';
  if (!isRole(role)) return `must have one of the roles ${TOKEN_ROLES.join(', ')}`;
  if (nodes !== null && role !== 'node') return 'names nodes, which only the role node can be bound to';
  if (nodes !== null && !NODES.test(nodes)) return 'must be bound to a node id, or to the beginning of one and "*"';
  if (SHA256.test(sha256)) return null;
  return 'must end with the SHA-256 of the token, 64 hex digits as "npm run token" prints them; never with the token';
}

function isRole(text: string): boolean {
  return (TOKEN_ROLES as readonly string[]).includes(text);
}

/** The name alone is no secret, where there is one at all: a token that stands alone has no colon. */
function nameIn(entry: string): string {
  const [name = '', ...rest] = entry.split(':');
  return rest.length > 0 && NAME.test(name) ? ` (${name})` : '';
}

/** The schema of a variable with such entries; `read` gives the text that its value stands for, or throws. */
export function adminTokens(read: (value: string) => string) {
  return z.string().transform((value, context): readonly AdminToken[] => {
    const mistakes: string[] = [];
    const tokens = tokensOf(
      () => read(value),
      (mistake) => mistakes.push(mistake),
    );
    if (mistakes.length === 0) return tokens;
    context.addIssue({ code: 'custom', params: { cross: `is not valid: ${mistakes.slice(0, MAX_TOLD).join('; ')}` } });
    return z.NEVER;
  });
}

function tokensOf(read: () => string, mistake: (text: string) => void): readonly AdminToken[] {
  let text: string;
  try {
    text = read();
  } catch (error) {
    mistake(`it cannot be read (${errorText(error)})`);
    return [];
  }
  return adminTokensIn(text, mistake);
}
