import type { Invariant } from './invariant.js';
import { distinct, grouped, placeOf, recordsOf } from './select.js';

/** Between the clocks of broker and database, and for the rounding of both. One machine: they are the same clock. */
const CLOCKS_MS = 50;

/**
 * The marker of a deadline judges by its place in the log: a heartbeat of the same life that stands before it, and whose
 * window reaches beyond the deadline, has moved that deadline, so the marker means nothing.
 */
export const noWrongfulExpiry: Invariant = {
  name: 'no-wrongful-expiry',
  means: 'no node was taken for dead whose heartbeats stand in the log in time',
  judge: ({ records, livenessWindowMs }) => {
    const markers = new Map(
      recordsOf(records, 'DEADLINE_PASSED').map((record) => [record.message.eventId, record] as const),
    );
    const heartbeats = grouped(recordsOf(records, 'NODE_HEARTBEAT'), ({ message }) => message.correlationId);
    const expiries = distinct(recordsOf(records, 'NODE_LIVENESS_EXPIRED'));
    const violations = expiries.flatMap((expiry) => {
      const { nodeId, deadlineAt } = expiry.message.payload;
      const marker = markers.get(expiry.message.causationId ?? '');
      if (marker === undefined) return [`${nodeId} expired, ${placeOf(expiry)}, and no marker says why`];
      const inTime = (heartbeats.get(expiry.message.correlationId) ?? []).find(
        ({ key, partition, offset, appendedAt }) =>
          key === nodeId &&
          partition === marker.partition &&
          offset < marker.offset &&
          appendedAt + livenessWindowMs > Date.parse(deadlineAt) + CLOCKS_MS,
      );
      return inTime === undefined
        ? []
        : [`${nodeId} expired at ${deadlineAt} by ${placeOf(marker)}, and had a heartbeat in time: ${placeOf(inTime)}`];
    });
    return { looked: expiries.length, at: `expiries, beside ${heartbeats.size} lives with heartbeats`, violations };
  },
};
