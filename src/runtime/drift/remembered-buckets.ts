import { BUCKETS, type Finding } from './backend-audit.js';

/** A comparison of one bucket, and what it was made from. */
export type RememberedBucket = {
  /** Digest of the desired side, and mark of the backend, read before the comparison. */
  readonly digest: string;
  readonly mark: string;
  readonly compared: number;
  readonly entries: number;
  readonly unsettled: number;
  readonly findings: readonly Finding[];
};

/** Buckets that each audit compares although nothing seems to have changed: all of them within 128 audits. */
const REGARDLESS_PER_AUDIT = 2;

/** The last comparison of each bucket of one backend: where neither side has changed since, it need not be made again. */
export class RememberedBuckets {
  private readonly buckets = new Map<number, RememberedBucket>();
  private next = 0;

  /** The comparison that still holds; undefined where there is none, or it found what is ours to repair. */
  holding(bucket: number, digest: string, mark: string): RememberedBucket | undefined {
    const known = this.buckets.get(bucket);
    if (known === undefined || known.digest !== digest || known.mark !== mark) return undefined;
    return known.findings.every(({ drift }) => drift === 'foreign') ? known : undefined;
  }

  note(bucket: number, comparison: RememberedBucket): void {
    this.buckets.set(bucket, comparison);
  }

  /** Whose turn it is to be compared regardless of marks. */
  takeTurns(): ReadonlySet<number> {
    const turns = Array.from({ length: REGARDLESS_PER_AUDIT }, (_, n) => (this.next + n) % BUCKETS);
    this.next = (this.next + REGARDLESS_PER_AUDIT) % BUCKETS;
    return new Set(turns);
  }
}
