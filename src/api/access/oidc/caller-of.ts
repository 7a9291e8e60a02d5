import type { JWTPayload } from 'jose';
import { NODE_ID_PATTERN } from '../../../messages/index.js';
import { Problem } from '../../http/problem.js';
import type { OidcOptions } from '../access-options.js';
import { ROLES, type Caller } from '../caller.js';

const MAX_NAME = 255;

/** Who the claims of a good token stand for. Throws a `forbidden` problem where they give no role here. */
export function callerOf(claims: JWTPayload, options: OidcOptions): Caller {
  const { rolesClaim, rolePrefix, nodeClaim } = options;
  const name = printable(String(claims.sub));
  const expiresAt = (claims.exp ?? 0) * 1000;
  const given = new Set(names(claimAt(claims, rolesClaim)));
  const role = ROLES.findLast((one) => given.has(rolePrefix + one));
  if (role !== undefined) return { name, role, source: 'oidc', nodes: null, expiresAt };
  if (!given.has(`${rolePrefix}node`)) {
    const wanted = [...ROLES, 'node'].map((one) => rolePrefix + one).join(', ');
    throw new Problem('forbidden', `The token is good, but its claim ${rolesClaim} has none of the roles ${wanted}.`);
  }
  const node = claimAt(claims, nodeClaim);
  if (typeof node === 'string' && NODE_ID_PATTERN.test(node)) {
    return { name, role: 'node', source: 'oidc', nodes: node, expiresAt };
  }
  throw new Problem('forbidden', `The token is a node's, but its claim ${nodeClaim} has no node id.`);
}

/** A claim of this very name, or at the end of the way that its parts lead: providers do both. */
function claimAt(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  let value: unknown = claims;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** A list, or one text with blanks between, as scopes are written. */
function names(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.split(/[\s,]+/);
  return Array.isArray(value) ? value : [];
}

function printable(text: string): string {
  return text.slice(0, MAX_NAME).replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd');
}
