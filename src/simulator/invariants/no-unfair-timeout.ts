import type { JournalRow } from '../stores/rows.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wireMessage, type Seen } from './observer.js';

const ROUNDING_MS = 2;

export const noUnfairTimeout: Invariant = {
  name: 'no-unfair-timeout',
  sentence:
    'An attempt times out only when no acknowledgement of it precedes the marker in the partition, and when the marker stands the whole ack timeout, in true time, behind its acceptance.',
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
          if (entry.rule !== 'time_out_ack') continue;
          const marker = markers.get(entry.eventId);
          const unfair = marker === undefined ? 'there is no marker in the log' : judged(world, entry, marker);
          if (unfair !== null) breach(`${entry.nodeId} timed out, but ${unfair}`);
        }
      },
    };
  },
};

function judged(world: World, { nodeId, at, stateAfter }: JournalRow, marker: Seen): string | null {
  const history = world.table.journal.get(`orchestrator ${nodeId}`) ?? [];
  const accepted = history.findLast(
    (entry) => entry.toStatus === 'awaiting_ack' && entry.fromStatus !== 'awaiting_ack' && entry.at <= at,
  );
  const awaited = marker.at - (accepted?.writtenAt ?? -Infinity);
  if (awaited < world.plan.timings.ackTimeoutMs - ROUNDING_MS) return `it had ${awaited.toFixed(0)} ms only`;
  const { attemptId } = JSON.parse(stateAfter ?? '{}') as { attemptId?: string };
  const ack = world.broker
    .records(marker.topic, marker.partition)
    .slice(0, marker.offset)
    .map(({ value }) => wireMessage(value))
    .find(
      (message) => message?.event_type === 'NODE_REGISTRATION_ACKED' && message.payload['attempt_id'] === attemptId,
    );
  return ack === undefined ? null : `its acknowledgement ${ack?.event_id ?? ''} precedes the marker`;
}
