import type { LogRecord } from '../lanes/lane.js';
import { rankOf } from './event-topics.js';

/** A record with the time by which it is sorted: its own, or that of the one before it in its partition where a clock was set back. */
export type Timed = { readonly record: LogRecord; readonly at: number };

/** Records of one partition, in its order. `since`: the time of the one before them. */
export function timed(records: readonly LogRecord[], since = -Infinity): Timed[] {
  let at = since;
  return records.map((record) => {
    at = Math.max(at, record.appendedAt);
    return { record, at };
  });
}

/** Records of several partitions, as they were appended; each partition keeps its own order. */
export function inAppendOrder(all: Timed[]): readonly LogRecord[] {
  return all.sort(compare).map(({ record }) => record);
}

function compare({ record: a, at }: Timed, { record: b, at: other }: Timed): number {
  if (at !== other) return at - other;
  if (a.topic !== b.topic) return rankOf(a.topic) - rankOf(b.topic);
  return a.partition - b.partition || Number(a.offset) - Number(b.offset);
}
