import type { JournalRow } from '../stores/rows.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wireMessage, type Seen } from './observer.js';

export const noUnfairTimeout: Invariant = {
  name: 'no-unfair-timeout',
  sentence:
    'An attempt times out only when no acknowledgement of it precedes the marker in the partition, and when the marker was appended the whole ack timeout, in true time, after the acceptance that told the node of it.',
  watch: (world, breach) => {
    const markers = new Map<string, Seen>();
    /** True time of the first append of each attempt's acceptance. */
    const accepted = new Map<string, number>();
    return {
      appended: (record) => {
        const { message, at } = record;
        if (message?.event_type === 'DEADLINE_PASSED' && !markers.has(message.event_id))
          markers.set(message.event_id, record);
        if (message?.event_type !== 'NODE_REGISTRATION_ACCEPTED') return;
        const attempt = attemptKey(message.payload.node_id, message.payload['attempt_id']);
        if (!accepted.has(attempt)) accepted.set(attempt, at);
      },
      stored: (_rows, entries) => {
        for (const entry of entries) {
          if (entry.rule !== 'time_out_ack') continue;
          const marker = markers.get(entry.eventId);
          const unfair =
            marker === undefined ? 'there is no marker in the log' : judged(world, entry, marker, accepted);
          if (unfair !== null) breach(`${entry.nodeId} timed out, but ${unfair}`);
        }
      },
    };
  },
};

function judged(
  world: World,
  { nodeId, stateAfter }: JournalRow,
  marker: Seen,
  accepted: ReadonlyMap<string, number>,
): string | null {
  const { attemptId } = JSON.parse(stateAfter ?? '{}') as { attemptId?: string };
  const acceptedAt = accepted.get(attemptKey(nodeId, attemptId));
  if (acceptedAt === undefined) return 'its acceptance is not in the log';
  const awaited = marker.at - acceptedAt;
  if (awaited < world.plan.timings.ackTimeoutMs) return `it had ${awaited.toFixed(1)} ms only`;
  const ack = world.broker
    .records(marker.topic, marker.partition)
    .slice(0, marker.offset)
    .map(({ value }) => wireMessage(value))
    .find(
      (message) => message?.event_type === 'NODE_REGISTRATION_ACKED' && message.payload['attempt_id'] === attemptId,
    );
  return ack === undefined ? null : `its acknowledgement ${ack?.event_id ?? ''} precedes the marker`;
}

function attemptKey(nodeId: string, attemptId: unknown): string {
  return `${nodeId} ${String(attemptId)}`;
}
