import type { DriftStore } from '../journal/drift-store.js';

type Marks = {
  /** By bucket. */
  readonly digests: readonly string[];
  /** The journal has entries. */
  readonly hasRecord: boolean;
};

/** What the reducer desires, bucket by bucket, as texts that change with it. Read again only when the journal has grown. */
export class DesiredSide {
  private known: { readonly journalEnd: string; readonly digests: readonly string[] } | undefined;

  async marks(store: Pick<DriftStore, 'journalEnd' | 'digests'>): Promise<Marks> {
    // First: what comes between the two is read again by the next audit.
    const journalEnd = await store.journalEnd();
    if (this.known?.journalEnd !== journalEnd) this.known = { journalEnd, digests: await store.digests() };
    return { digests: this.known.digests, hasRecord: journalEnd !== '0' };
  }
}
