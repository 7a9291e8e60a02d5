import type { Caller } from './caller.js';

/** A token that is known by the SHA-256 of it, in hex. */
export type KnownToken = Pick<Caller, 'name' | 'role' | 'nodes'> & { readonly sha256: string };

/** The OpenID provider whose tokens are taken. */
export type OidcOptions = {
  readonly issuer: string;
  readonly audience: string;
  /** Null: where its discovery document says. */
  readonly jwksUrl: string | null;
  readonly rolesClaim: string;
  /** Stands before the names of roles. */
  readonly rolePrefix: string;
  /** Has the id of a node. */
  readonly nodeClaim: string;
  readonly clockToleranceS: number;
};

/** Requests of one caller; 0: as many as it likes. */
export type Limits = {
  /** A second, of those that change something. */
  readonly commands: number;
  /** A second, of all others. */
  readonly reads: number;
  /** A second, of one node by the gateway. */
  readonly node: number;
  /** A minute, of credentials that are refused, from one address. */
  readonly failures: number;
};

export type AccessOptions = {
  /** Nobody has to authenticate. */
  readonly open: boolean;
  readonly tokens: readonly KnownToken[];
  readonly oidc: OidcOptions | null;
  readonly hosts: { readonly own: string; readonly allowed: readonly string[] };
  readonly trustedProxies: readonly string[];
  readonly metricsPublic: boolean;
  readonly limits: Limits;
  readonly auditRetentionDays: number;
};

export const ACCESS_OPTIONS = Symbol('AccessOptions');
