import { z } from 'zod';
import { messagesOn, type MessageType, type TopicSuffix } from '../../messages/index.js';
import { EVENT_TOPICS } from '../../runtime/index.js';
import { nodeIdParameter } from '../parameters.js';

/** Everything that is told to whoever follows the fleet. */
export const EVENT_TYPES: readonly MessageType[] = EVENT_TOPICS.flatMap((topic) => messagesOn(topic));

/** Which events somebody wants; all that are given have to hold. */
export type EventFilter = {
  readonly nodeId: string | null;
  /** Null: all of {@link EVENT_TYPES}. */
  readonly types: ReadonlySet<string> | null;
  /** Those that carry these types: the others need not be read. */
  readonly topics: readonly TopicSuffix[];
};

export function eventFilter(wanted: {
  readonly nodeId?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
}): EventFilter {
  const types = wanted.eventTypes === undefined ? null : new Set(wanted.eventTypes);
  const topics =
    types === null ? EVENT_TOPICS : EVENT_TOPICS.filter((topic) => messagesOn(topic).some((type) => types.has(type)));
  return { nodeId: wanted.nodeId ?? null, types, topics };
}

export function passes(
  { nodeId, types }: EventFilter,
  event: { readonly type: string; readonly nodeId: string },
): boolean {
  return (nodeId === null || nodeId === event.nodeId) && (types === null || types.has(event.type));
}

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

export const eventTypeParameter = z
  .string('must be a text')
  .refine((type) => KNOWN.has(type), `must be one of ${EVENT_TYPES.join(', ')}`);

/** Each once is enough. */
const eventTypeList = z
  .array(eventTypeParameter)
  .min(1, 'must not be empty')
  .max(EVENT_TYPES.length, `must have at most ${EVENT_TYPES.length} items`);

/** In a query: several parameters, or names with commas between them. */
export const eventTypesInQuery = z
  .union([z.string(), z.array(z.string()).max(EVENT_TYPES.length)])
  .transform((value) => [value].flat().flatMap((part) => part.split(',')))
  .pipe(eventTypeList);

export const eventFilterFields = { nodeId: nodeIdParameter, eventType: eventTypeList } as const;
