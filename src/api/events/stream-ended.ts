import { Problem } from '../http/problem.js';
import type { LossReason } from './listener.js';

const DETAILS = {
  expired:
    'The log no longer keeps all that happened after the cursor. What is left begins behind the cursor in extensions.',
  other_log:
    'The cursor is of another log, or this one was made anew. What it holds begins behind the cursor in extensions.',
  stalled: 'Nothing was read from this stream for a minute. Come back with the cursor in extensions.',
  stopping: 'The server stops. Come back with the cursor in extensions, to whoever answers.',
} as const satisfies Record<LossReason | 'stalled' | 'stopping', string>;

/** A stream came to its end, and somebody should know why. He goes on from the cursor. */
export class StreamEnded extends Problem {
  constructor(
    readonly reason: keyof typeof DETAILS,
    readonly cursor: string,
  ) {
    super(reason === 'expired' || reason === 'other_log' ? 'events-lost' : 'stream-ended', DETAILS[reason]);
  }

  override get extensions(): Readonly<Record<string, unknown>> {
    return { reason: this.reason, cursor: this.cursor };
  }
}
