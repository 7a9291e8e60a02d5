import { errorText } from '../../messages/index.js';
import type { DriftStore } from '../journal/drift-store.js';
import { BUCKETS, type BackendAudit, type DesiredNode, type Finding } from './backend-audit.js';
import type { DesiredSide } from './desired-side.js';
import type { DriftClock } from './drift-clock.js';
import { MAX_FINDINGS, type Audited, type DesiredRow } from './drift-report.js';
import type { RememberedBucket, RememberedBuckets } from './remembered-buckets.js';

export type AuditParts = {
  readonly auditId: string;
  readonly audit: BackendAudit;
  readonly store: DriftStore;
  readonly desiredSide: DesiredSide;
  readonly remembered: RememberedBuckets;
  /** Buckets that are compared whatever their marks say. */
  readonly regardless: ReadonlySet<number>;
  readonly signal: AbortSignal;
  readonly clock: DriftClock;
  /** Somebody waits for it: it does not rest between buckets. */
  readonly isUrgent: boolean;
};

/**
 * Compares what a backend holds with what the reducer desires, bucket by bucket. A backend that fails on the way cuts the audit
 * off; rejects only when the store does.
 */
export async function auditBackend(parts: AuditParts): Promise<Audited> {
  const { audit, auditId, store, desiredSide, clock, signal, isUrgent } = parts;
  const startedAt = clock.wall();
  const { digests, hasRecord } = await desiredSide.marks(store);
  const looks = new Map<number, Look>();
  const cutOff = await attempt(async () => {
    const marks = await audit.marks();
    // Whatever their marks say, as these were taken before; late are those that had been looked at by then.
    const concerned = new Set<number>();
    const late = new Set<number>();
    const look = async (bucket: number): Promise<boolean> => {
      if (signal.aborted) return false;
      const began = clock.now();
      const looked = await lookAt(bucket, digests[bucket] ?? '', marks[bucket] ?? marks[0] ?? '', parts, concerned);
      looks.set(bucket, looked);
      for (const other of looked.concerns) {
        concerned.add(other);
        if (other < bucket) late.add(other);
      }
      // As long as it took: registrations go on meanwhile.
      if (!looked.skipped && !isUrgent) await clock.pause(clock.now() - began, signal);
      return true;
    };
    for (let bucket = 0; bucket < BUCKETS; bucket++) if (!(await look(bucket))) return STOPS;
    for (const bucket of late) if (!(await look(bucket))) return STOPS;
    return null;
  });
  const sum = new Sum();
  for (const { comparison, skipped } of looks.values()) sum.add(comparison, skipped);
  return { auditId, backend: audit.backend, startedAt, finishedAt: clock.wall(), ...sum.totals(), cutOff, hasRecord };
}

const STOPS = 'this process stops';

/** What came of looking at one bucket. */
type Look = {
  readonly comparison: RememberedBucket;
  /** Nothing has changed in it since the comparison. */
  readonly skipped: boolean;
  readonly concerns: readonly number[];
};

/** The backend's failure, in words; that of the store is thrown. */
async function attempt(work: () => Promise<string | null>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreFailed) throw error.cause;
    return errorText(error);
  }
}

/** Tells a failure of our own database from one of the backend. */
class StoreFailed extends Error {}

async function ofStore<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new StoreFailed('the state database failed', { cause: error });
  }
}

async function lookAt(
  bucket: number,
  digest: string,
  mark: string,
  { audit, store, remembered, regardless }: AuditParts,
  concerned: ReadonlySet<number>,
): Promise<Look> {
  const isDue = regardless.has(bucket) || concerned.has(bucket);
  const known = isDue ? undefined : remembered.holding(bucket, digest, mark);
  if (known !== undefined) return { comparison: known, skipped: true, concerns: [] };
  const rows = await ofStore(store.desired(bucket));
  const { entries, compared, findings, concerns = [] } = await audit.compare(bucket, desiredNodes(rows, audit.backend));
  const standing = findings.length === 0 ? [] : stillStanding(findings, rows, await ofStore(store.versions(bucket)));
  const unsettled = rows.filter(({ desired, confirmed }) => desired !== null && !isSettled(desired, confirmed, audit));
  const unsettledIds = new Set(unsettled.map(({ nodeId }) => nodeId));
  const comparison: RememberedBucket = {
    digest,
    mark,
    compared,
    entries,
    unsettled: unsettled.length,
    findings: standing.filter(({ drift, nodeId }) => drift === 'foreign' || !unsettledIds.has(nodeId)),
  };
  remembered.note(bucket, comparison);
  return { comparison, skipped: false, concerns };
}

function desiredNodes(rows: readonly DesiredRow[], backend: BackendAudit['backend']): readonly DesiredNode[] {
  return rows.flatMap(({ nodeId, desired, confirmed }) =>
    desired === null ? [] : [{ nodeId, ...desired, settled: isSettled(desired, confirmed, { backend }) }],
  );
}

function isSettled(
  { revision }: Pick<DesiredNode, 'revision'>,
  confirmed: DesiredRow['confirmed'],
  { backend }: Pick<BackendAudit, 'backend'>,
): boolean {
  return confirmed[backend] === revision;
}

/** Without those of nodes of which the reducer has decided something meanwhile: what was compared is no longer so. */
function stillStanding(
  findings: readonly Finding[],
  rows: readonly DesiredRow[],
  versionsNow: ReadonlyMap<string, number>,
): readonly Finding[] {
  const versions = new Map(rows.map(({ nodeId, version }) => [nodeId, version]));
  return findings.filter(
    ({ drift, nodeId }) => drift === 'foreign' || versions.get(nodeId) === versionsNow.get(nodeId),
  );
}

class Sum {
  private compared = 0;
  private entries = 0;
  private unsettled = 0;
  private skippedBuckets = 0;
  private comparedNow = 0;
  private readonly counts = { missing: 0, altered: 0, ghost: 0, foreign: 0 };
  private readonly findings: Finding[] = [];

  add({ compared, entries, unsettled, findings }: RememberedBucket, skipped: boolean): void {
    this.compared += compared;
    this.entries += entries;
    this.unsettled += unsettled;
    if (skipped) this.skippedBuckets += 1;
    else this.comparedNow += compared;
    for (const finding of findings) {
      this.counts[finding.drift] += 1;
      if (this.findings.length < MAX_FINDINGS) this.findings.push(finding);
    }
  }

  totals() {
    const { compared, entries, unsettled, skippedBuckets, comparedNow, counts, findings } = this;
    return { compared, entries, unsettled, skippedBuckets, comparedNow, counts, findings };
  }
}
