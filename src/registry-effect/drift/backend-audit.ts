import { MAX_FOUND_REVISION, type Backend, type RegistrationRecord } from '../../messages/index.js';

/** What the reducer wants a backend to hold of one node, and knows it to hold. */
export type DesiredNode = {
  readonly nodeId: string;
  readonly revision: number;
  readonly presence: 'present' | 'absent';
  readonly health: 'critical' | 'passing';
  readonly attemptId: string;
  readonly record: RegistrationRecord;
  /** The backend has confirmed this very revision. Where it has not, nothing is judged: an intent is on its way or was refused. */
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
  readonly entry: EntryName | null;
};

export type EntryName = { readonly consulNode: string; readonly serviceId: string; readonly serviceName: string };

export type Comparison = {
  /** Entries that the backend holds in the bucket, and desired nodes that were compared. */
  readonly entries: number;
  readonly compared: number;
  readonly findings: readonly Finding[];
  /** Buckets to which something was found here that belongs to them: those already compared are to be looked at again. */
  readonly concerns?: readonly number[];
};

/** Looks at a backend, changes nothing of what it holds, and says what differs. Methods reject while it cannot be reached. */
export type BackendAudit = {
  readonly backend: Backend;
  /** For each of the {@link BUCKETS} a text that is another one whenever what the backend holds in it may have changed. */
  marks(): Promise<readonly string[]>;
  /** Compares one bucket with all nodes that are desired in it, absent ones included. */
  compare(bucket: number, desired: readonly DesiredNode[]): Promise<Comparison>;
  /** Whether the backend serves now, as far as its breaker knows. */
  isServing(): boolean;
};

/** Most names of fields in a finding: as many as the message that tells of it takes. */
const MAX_DIFFERENCES = 64;

export function finding(
  nodeId: string,
  drift: Finding['drift'],
  details: Partial<Omit<Finding, 'nodeId' | 'drift'>>,
): Finding {
  const differences = (details.differences ?? []).slice(0, MAX_DIFFERENCES);
  return { nodeId, drift, revision: null, foundRevision: null, entry: null, ...details, differences };
}

/** The number that an entry gives as its revision; null for what is none, or nobody's honest one. */
export function revisionIn(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return null;
  const revision = Number(text);
  return revision <= MAX_FOUND_REVISION ? revision : null;
}
