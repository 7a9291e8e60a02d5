import type { LogRecord } from './lane.js';

/** What can be done at once: of one node only beats, or only markers. Of a node's beats, the last. */
export type Round = { readonly beats: ReadonlyMap<string, LogRecord>; readonly markers: readonly LogRecord[] };

type Place = { readonly round: number; readonly beat: boolean };

/**
 * Cuts a batch where a node's beats and markers alternate: within a round their order does not matter, and the rounds one after
 * the other keep the order of each node. Most batches are one round, and most nodes have beats only: such a node is nowhere but
 * among the beats of the first round.
 */
export class Rounds {
  private readonly rounds: { beats: Map<string, LogRecord>; markers: LogRecord[] }[] = [];
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
    return this.rounds[0]?.beats.has(nodeId) === true ? { round: 0, beat: true } : null;
  }

  private at(round: number): { beats: Map<string, LogRecord>; markers: LogRecord[] } {
    return (this.rounds[round] ??= { beats: new Map(), markers: [] });
  }
}
