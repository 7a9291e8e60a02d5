import { asDenial } from './consul-errors.js';
import type { ServiceChange } from './service-change.js';
import type { OperationError } from './transaction-client.js';

/** What has to happen before a transaction that was rolled back can go again. */
export type Verdict = {
  /** Synthetic nodes to be made. */
  readonly missingNodes: readonly string[];
  /** Changes that rely on a service that is not there: to be written whole. */
  readonly incomplete: ReadonlySet<ServiceChange>;
  /** Changes that Consul refuses, with its reason. */
  readonly culprits: ReadonlyMap<ServiceChange, string>;
};

const MISSING_NODE = /missing node registration/i;
const MISSING_SERVICE = /missing service registration/i;

/** Finds the changes behind the operations that Consul names. Throws a ConsulDenial when it is not about them at all. */
export function judgeErrors(errors: readonly OperationError[], changes: readonly ServiceChange[]): Verdict {
  const owners = changes.flatMap((change) => change.operations.map(() => change));
  const complaints = new Map<ServiceChange, string[]>();
  for (const { index, what } of errors) {
    const denial = asDenial(what);
    if (denial !== undefined) throw denial;
    const change = owners[index]!;
    complaints.set(change, [...(complaints.get(change) ?? []), what]);
  }
  const missingNodes = new Set<string>();
  const incomplete = new Set<ServiceChange>();
  const culprits = new Map<ServiceChange, string>();
  for (const [change, whats] of complaints) {
    // One missing thing makes the operations behind it fail too, so a reason of another kind comes first.
    const own = whats.find((what) => !MISSING_NODE.test(what) && !MISSING_SERVICE.test(what));
    if (own !== undefined) culprits.set(change, own);
    else if (whats.some((what) => MISSING_NODE.test(what))) missingNodes.add(change.node);
    else if (change.whole !== null) incomplete.add(change);
    else culprits.set(change, whats[0]!);
  }
  return { missingNodes: [...missingNodes], incomplete, culprits };
}
