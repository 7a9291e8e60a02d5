import { z } from 'zod';
import { once } from '../parameters.js';
import type { FeedEnd, FeedPosition } from '../read/node-feed.js';

/** `{version}.{index}`: output number `index` (from 0) of the step that gave the node's workflow this version. */
export function eventId(version: number, index: number): string {
  return `${version}.${index}`;
}

/** The id of the last output that a feed has; `0.0` where it has none yet. */
export function endId({ version, outputs }: FeedEnd): string {
  return eventId(version, Math.max(0, outputs - 1));
}

/** Where a reader goes on who has heard everything up to the end. */
export function afterEnd({ version }: FeedEnd): FeedPosition {
  return { version: version + 1, index: 0 };
}

/**
 * Where a reader goes on who has heard `last`. One that is ahead of the journal stems from another one, which was lost: begin anew.
 * Of one that is older than what the journal keeps, everything that is there comes after it anyway.
 */
export function afterEvent(last: FeedPosition, end: FeedEnd): FeedPosition {
  return last.version > end.version ? { version: 0, index: 0 } : { version: last.version, index: last.index + 1 };
}

const FORM = /^(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,3})$/;

/** An id as a reader sends it back; empty is the same as none. */
export const lastEventId = z
  .string({ error: once })
  .refine((text) => text === '' || FORM.test(text), 'must be the id of an event of this stream, such as 7.0')
  .transform((text): FeedPosition | null => {
    if (text === '') return null;
    const [version, index] = text.split('.');
    return { version: Number(version), index: Number(index) };
  })
  .optional();

export const eventsQuery = z.strictObject({ lastEventId });
