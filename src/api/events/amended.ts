import { EVENT_TOPICS, Place, type Bounds } from '../../runtime/index.js';
import { fingerprintOf, type Cursor } from './cursor.js';
import type { EventFilter } from './filter.js';
import type { LossReason } from './listener.js';

export type Amended = { readonly place: Place; readonly loss: LossReason | null };

/**
 * Where a reader goes on who comes with a cursor, and what it misses. Only what its filter can let pass counts. Partitions that the log
 * does not have are left out, and those that the cursor does not have are new: nothing of them is lost.
 */
export function amended(
  { fingerprint, place }: Cursor,
  bounds: Bounds,
  { topics }: Pick<EventFilter, 'topics'>,
): Amended {
  if (fingerprint !== fingerprintOf(bounds.log)) return { place: bounds.first.copy(), loss: 'other_log' };
  const result = new Place();
  let loss: LossReason | null = null;
  for (const topic of EVENT_TOPICS) {
    const counts = topics.includes(topic);
    const known = place.of(topic).length;
    for (const [partition, end] of bounds.next.of(topic).entries()) {
      const first = bounds.first.next(topic, partition);
      const next = place.next(topic, partition);
      const isBeyond = next > end;
      const isGone = next < first;
      result.set(topic, partition, isBeyond || isGone ? first : next);
      if (counts && isBeyond) loss = 'other_log';
      if (counts && isGone && partition < known) loss ??= 'expired';
    }
  }
  return { place: result, loss };
}
