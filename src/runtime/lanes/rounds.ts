import type { Received } from './intake.js';

/** What can be done at once: of one node only beats, or only markers. */
export type Round<B extends Received> = { readonly beats: readonly B[]; readonly markers: readonly Received[] };

/**
 * Cuts a batch where a node's beats and markers alternate: within a round their order does not matter, and the rounds one after
 * the other keep the order of each node. Most batches are one round.
 */
export function roundsOf<B extends Received>(
  batch: readonly Received[],
  isBeat: (received: Received) => received is B,
): readonly Round<B>[] {
  const rounds: { beats: B[]; markers: Received[] }[] = [];
  const places = new Map<string, { round: number; beat: boolean }>();
  for (const received of batch) {
    const beat = isBeat(received);
    const nodeId = received.message.payload.nodeId ?? '';
    const before = places.get(nodeId);
    const round = before === undefined ? 0 : before.beat === beat ? before.round : before.round + 1;
    if (before?.beat !== beat) places.set(nodeId, { round, beat });
    const { beats, markers } = (rounds[round] ??= { beats: [], markers: [] });
    if (isBeat(received)) beats.push(received);
    else markers.push(received);
  }
  return rounds;
}
