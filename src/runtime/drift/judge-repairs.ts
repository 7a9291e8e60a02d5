import type { Finding } from './backend-audit.js';
import type { HeldReason } from './held-reasons.js';

/** A backend that was away, and a process that just began, need as long until what they show can be acted upon. */
export const SETTLING_MS = 10_000;
/** Fewer entries than this are never too large a share. */
export const MIN_LARGE_SHARE = 50;

/** How good the look at a backend was by which repairs are judged. */
export type View = {
  /** Why the audit did not come to its end. */
  readonly cutOff: string | null;
  /** The journal has entries: the desired side is there. */
  readonly hasRecord: boolean;
  /** Since when the backend serves without a break; null while it does not. */
  readonly servingForMs: number | null;
  /** Consumers that had not come to the end that was there when the audit began; empty when all had. */
  readonly behind: readonly string[];
  /** Desired nodes that were compared. */
  readonly compared: number;
  /** Since when audits see a large share missing; null while they do not. */
  readonly manyMissingForMs: number | null;
};

/** Who wants the repair: the registry itself, or an operator. */
export type Asker = 'automatic' | 'operator' | 'operator_by_force';

export type RepairRules = {
  readonly repair: 'auto' | 'manual';
  /** Part (0-1) of the compared nodes above which altered entries and ghosts say more about our own record. */
  readonly maxShare: number;
};

export type Judgement = {
  readonly repair: readonly Finding[];
  readonly held: ReadonlyMap<HeldReason, readonly Finding[]>;
};

/**
 * What of the findings is repaired now, and why the rest is not. Force overrules what an operator can decide; nothing overrules an
 * incomplete view. Foreign entries are in neither part.
 */
export function judgeRepairs(findings: readonly Finding[], view: View, rules: RepairRules, asker: Asker): Judgement {
  const ours = findings.filter(({ drift }) => drift !== 'foreign');
  const shares = largeShares(findings, view.compared, rules);
  const incomplete = whyIncomplete(view);
  const repair: Finding[] = [];
  const held = new Map<HeldReason, Finding[]>();
  for (const finding of ours) {
    const reason = incomplete ?? whyHeld(finding, view, rules, asker, shares);
    const others = reason === null ? repair : held.get(reason);
    if (others !== undefined) others.push(finding);
    else if (reason !== null) held.set(reason, [finding]);
  }
  return { repair, held };
}

type LargeShares = { readonly differ: boolean; readonly missing: boolean };

/** Which kinds of drift are too many to be everyday life. */
export function largeShares(findings: readonly Finding[], compared: number, { maxShare }: RepairRules): LargeShares {
  const isLarge = (...kinds: readonly Finding['drift'][]): boolean => {
    const count = findings.filter(({ drift }) => kinds.includes(drift)).length;
    return count >= MIN_LARGE_SHARE && count > compared * maxShare;
  };
  return { differ: isLarge('altered', 'ghost'), missing: isLarge('missing') };
}

function whyIncomplete(view: View): HeldReason | null {
  if (view.cutOff !== null) return 'cut_off';
  if (!view.hasRecord) return 'no_record';
  if (view.servingForMs === null) return 'not_serving';
  if (view.servingForMs < SETTLING_MS) return 'settling';
  return view.behind.length > 0 ? 'behind' : null;
}

function whyHeld(
  { drift, revision, foundRevision, entry }: Finding,
  view: View,
  { repair }: RepairRules,
  asker: Asker,
  large: LargeShares,
): HeldReason | null {
  if (revision === null && entry === null) return 'unknown_node';
  if (asker === 'operator_by_force') return null;
  if (revision !== null && foundRevision !== null && foundRevision > revision) return 'newer_than_desired';
  if (drift !== 'missing' && large.differ) return 'too_many_differ';
  if (asker === 'operator') return null;
  if (repair === 'manual') return 'manual';
  // Additive, and harmless: a follower that is catching up is not flooded, an emptied backend is filled without anybody.
  const isConfirmed = view.manyMissingForMs !== null && view.manyMissingForMs >= SETTLING_MS;
  return drift === 'missing' && large.missing && !isConfirmed ? 'many_missing' : null;
}
