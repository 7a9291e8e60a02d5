import type { Input } from '../../messages/index.js';
import type { LogRecord } from './lane.js';

/** A beat, and who has signed it: of one node there may be some by others. */
export type SignedBeat = {
  readonly message: Input<'NODE_HEARTBEAT'>;
  readonly record: LogRecord;
  readonly signedBy: string | null;
};

/** What can be done at once: of one node only beats, or only markers. Of a node's beats, the last. */
export type Round = {
  readonly beats: ReadonlyMap<string, LogRecord>;
  /** Where signatures are looked at, in place of `beats`: the last by each signer. */
  readonly signed: ReadonlyMap<string, SignedBeat>;
  readonly markers: readonly LogRecord[];
};

type Place = { readonly round: number; readonly beat: boolean };

/**
 * Cuts a batch where a node's beats and markers alternate: within a round their order does not matter, and the rounds one after
 * the other keep the order of each node. Most batches are one round, and most nodes have beats only: such a node is nowhere but
 * among the beats of the first round.
 */
export class Rounds {
  private readonly rounds: {
    beats: Map<string, LogRecord>;
    signed: Map<string, SignedBeat>;
    markers: LogRecord[];
  }[] = [];
  /** Nodes with a signed beat in the first round. */
  private readonly signing = new Set<string>();
  /** Of the nodes with markers: where their last record is. */
  private readonly marked = new Map<string, Place>();
  private added = 0;

  /** Records that were added. */
  get size(): number {
    return this.added;
  }

  get inOrder(): readonly Round[] {
    return this.rounds;
  }

  addBeat(nodeId: string, record: LogRecord): void {
    this.added += 1;
    const round = this.marked.size === 0 ? 0 : this.place(nodeId, true);
    this.at(round).beats.set(nodeId, record);
  }

  addSignedBeat(beat: SignedBeat): void {
    this.added += 1;
    const { nodeId } = beat.message.payload;
    const round = this.marked.size === 0 ? 0 : this.place(nodeId, true);
    if (round === 0) this.signing.add(nodeId);
    // There is no blank in a node id.
    this.at(round).signed.set(`${nodeId} ${beat.signedBy}`, beat);
  }

  addMarker(nodeId: string, record: LogRecord): void {
    this.added += 1;
    this.at(this.place(nodeId, false)).markers.push(record);
  }

  private place(nodeId: string, beat: boolean): number {
    const before = this.marked.get(nodeId) ?? this.placeOfBeats(nodeId);
    const round = before === null ? 0 : before.beat === beat ? before.round : before.round + 1;
    if (!beat || (before !== null && this.marked.has(nodeId))) this.marked.set(nodeId, { round, beat });
    return round;
  }

  private placeOfBeats(nodeId: string): Place | null {
    const beats = this.rounds[0]?.beats.has(nodeId) === true || this.signing.has(nodeId);
    return beats ? { round: 0, beat: true } : null;
  }

  private at(round: number) {
    return (this.rounds[round] ??= { beats: new Map(), signed: new Map(), markers: [] });
  }
}
