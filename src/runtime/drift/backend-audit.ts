import type { Backend, RegistrationRecord } from '../../messages/index.js';

/** Pages of an audit: by the first byte of the SHA-256 of the node id, as Consul's synthetic nodes are. */
export const BUCKETS = 256;

/** What the reducer wants a backend to hold of one node, and knows it to hold. */
export type DesiredNode = {
  readonly nodeId: string;
  readonly revision: number;
  readonly presence: 'present' | 'absent';
  readonly health: 'critical' | 'passing';
  readonly attemptId: string;
  readonly record: RegistrationRecord;
  /** The backend has confirmed this very revision. Where it has not, an intent is on its way or was refused: that is no drift. */
  readonly settled: boolean;
};

/** An entry of a backend that is not as desired. */
export type Finding = {
  /** For an entry of no node that is known: what it says itself, else the name of the entry. */
  readonly nodeId: string;
  /** Ghost: ours, and nothing of the kind is desired. Foreign: somebody else's, among ours; told of, never touched. */
  readonly drift: 'missing' | 'altered' | 'ghost' | 'foreign';
  /** Desired revision that it was compared with; null where nothing was ever desired of the node. */
  readonly revision: number | null;
  /** Revision that the entry says it has; null where there is no entry, or it says none. */
  readonly foundRevision: number | null;
  /** Fields that differ, by the names that the backend has for them. */
  readonly differences: readonly string[];
  /** The entry itself where it is not the one that the node is to have. Consul only. */
  readonly entry: { readonly consulNode: string; readonly serviceId: string; readonly serviceName: string } | null;
};

export type Comparison = {
  /** Entries that the backend holds in the bucket, and desired nodes that were compared. */
  readonly entries: number;
  readonly compared: number;
  readonly findings: readonly Finding[];
  /** Buckets to which something was found here that belongs to them: those already compared are to be looked at again. */
  readonly concerns?: readonly number[];
};

/**
 * How an effect component lets its backend be looked at: reads only, and says what differs. What that means is decided elsewhere.
 * Methods reject while the backend cannot be reached.
 */
export type BackendAudit = {
  readonly backend: Backend;
  /**
   * For each bucket a text that is another one whenever what the backend holds in it may have changed; cheap. One text for all
   * where the backend cannot tell them apart.
   */
  marks(): Promise<readonly string[]>;
  /** Compares one bucket with all nodes that are desired in it, absent ones included. */
  compare(bucket: number, desired: readonly DesiredNode[]): Promise<Comparison>;
  /** Whether the backend serves now, as far as its breaker knows. */
  isServing(): boolean;
};
