/** From the one who may least to the one who may all. */
export const ROLES = ['reader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who makes a request. */
export type Caller = {
  readonly name: string;
  /** A `node` speaks as a node, by the gateway, and does nothing else. */
  readonly role: Role | 'node';
  /** How we know: by a token of ours, by a token of the OpenID provider, or not at all. */
  readonly source: 'token' | 'oidc' | 'none';
  /** For which nodes a node may speak: an id, or the beginning of ids with `*` behind it. Null: for all. */
  readonly nodes: string | null;
  /** When its credentials end, in epoch milliseconds; null: never. */
  readonly expiresAt: number | null;
};

/** Everybody, where nobody has to authenticate. */
export const ANONYMOUS: Caller = { name: 'anonymous', role: 'admin', source: 'none', nodes: null, expiresAt: null };

export function hasRole({ role }: Caller, least: Role): boolean {
  return role !== 'node' && ROLES.indexOf(role) >= ROLES.indexOf(least);
}

export function speaksFor({ nodes }: Caller, nodeId: string): boolean {
  if (nodes === null) return true;
  return nodes.endsWith('*') ? nodeId.startsWith(nodes.slice(0, -1)) : nodeId === nodes;
}
