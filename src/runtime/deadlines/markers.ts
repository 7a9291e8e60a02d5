import { DEADLINE_TOPICS, deadlineId, encode, headersOf, type Message } from '../../messages/index.js';
import type { DueDeadline } from '../journal/due-deadlines.js';
import type { OutgoingRecord } from '../lanes/lane.js';

/** The marker of a deadline, for the topic that it judges: the same however often, and by whomever, it is made. */
export function markerOf({ nodeId, kind, at, correlationId }: DueDeadline, registryId: string): OutgoingRecord {
  const message: Message<'DEADLINE_PASSED'> = {
    eventId: deadlineId(nodeId, kind, at),
    eventType: 'DEADLINE_PASSED',
    eventTimestamp: at,
    sourceNodeId: registryId,
    correlationId,
    causationId: null,
    payload: { nodeId, kind, deadlineAt: at },
  };
  return { topic: DEADLINE_TOPICS[kind], key: nodeId, value: encode(message), headers: headersOf(message) };
}

/** A marker takes effect as soon as its lane gets to it; one that went astray is sent again after this. */
const AGAIN_AFTER_MS = 30_000;
/** Beyond so many the oldest are forgotten: they may be sent once more, to no effect. */
const MAX_REMEMBERED = 200_000;

/** Which markers were sent lately, so that a lane that is behind is not flooded with copies. */
export class SentMarkers {
  private readonly sent = new Map<string, number>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Those that were not sent lately. */
  unsent(due: readonly DueDeadline[]): readonly DueDeadline[] {
    const now = this.clock();
    for (const [key, at] of this.sent) {
      // Oldest first: a map keeps the order in which its keys came.
      if (now - at < AGAIN_AFTER_MS) break;
      this.sent.delete(key);
    }
    return due.filter((deadline) => !this.sent.has(keyOf(deadline)));
  }

  /** They are in the log. */
  note(due: readonly DueDeadline[]): void {
    const now = this.clock();
    for (const deadline of due) this.sent.set(keyOf(deadline), now);
    for (const key of this.sent.keys()) {
      if (this.sent.size <= MAX_REMEMBERED) break;
      this.sent.delete(key);
    }
  }
}

function keyOf({ nodeId, kind, at }: DueDeadline): string {
  return `${nodeId} ${kind} ${at}`;
}
