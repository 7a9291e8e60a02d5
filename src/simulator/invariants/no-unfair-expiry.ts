import type { JournalRow } from '../stores/rows.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wireMessage, type Seen } from './observer.js';

/** Clocks show whole milliseconds. */
const ROUNDING_MS = 2;

export const noUnfairExpiry: Invariant = {
  name: 'no-unfair-expiry',
  sentence:
    'A node expires only by a marker that stands, in true time, a whole window behind its activation and behind its last heartbeat before the marker in the partition; and never when it tried to send several heartbeats in that window and a log that was away refused them all.',
  watch: (world, breach) => {
    const markers = new Map<string, Seen>();
    return {
      appended: (record) => {
        const { message } = record;
        if (message?.event_type === 'DEADLINE_PASSED' && !markers.has(message.event_id))
          markers.set(message.event_id, record);
      },
      stored: (_rows, entries) => {
        for (const entry of entries) {
          if (entry.rule !== 'expire_liveness') continue;
          const marker = markers.get(entry.eventId);
          const unfair = marker === undefined ? 'there is no marker in the log' : judged(world, entry, marker);
          if (unfair !== null) breach(`${entry.nodeId} expired, but ${unfair}`);
        }
      },
    };
  },
};

function judged(world: World, { nodeId, at }: JournalRow, marker: Seen): string | null {
  const window = world.plan.timings.livenessWindowMs;
  const history = world.table.journal.get(`orchestrator ${nodeId}`) ?? [];
  const activation = history.findLast(
    (entry) => entry.toStatus === 'active' && entry.fromStatus !== 'active' && entry.at <= at,
  );
  const activeFor = marker.at - (activation?.writtenAt ?? -Infinity);
  if (activeFor < window - ROUNDING_MS)
    return `it was active for ${activeFor.toFixed(0)} ms only when its marker was appended`;
  const beat = world.broker
    .records(marker.topic, marker.partition)
    .slice(0, marker.offset)
    .findLast(({ key, value }) => key?.toString() === nodeId && wireMessage(value)?.event_type === 'NODE_HEARTBEAT');
  if (beat !== undefined && marker.at - beat.at < window - ROUNDING_MS) {
    return `its heartbeat at ${beat.at.toFixed(0)} precedes the marker at ${marker.at.toFixed(0)} by less than ${window} ms`;
  }
  const tried = (world.link.beats.get(nodeId) ?? []).filter((one) => one.at > marker.at - window && one.at < marker.at);
  if (tried.length > 1 && tried.every(({ outcome }) => outcome === 'refused')) {
    return `the log was away for all ${tried.length} heartbeats that it tried to send in the ${window} ms before`;
  }
  return null;
}
