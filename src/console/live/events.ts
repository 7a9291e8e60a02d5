import type { Frame } from './frames.js';

/** What happened to a node, as the registry published it. */
export type FleetEvent = {
  readonly eventId: string;
  readonly eventType: string;
  readonly nodeId: string;
  /** RFC 3339, UTC. */
  readonly at: string;
};

/** Null for a frame that is no envelope: a newer registry may say more than this console knows. */
export function eventOf({ event, data }: Frame): FleetEvent | null {
  const envelope = parsed(data);
  if (envelope === null) return null;
  const { event_id: eventId, event_timestamp: at, payload } = envelope;
  const nodeId = payload?.node_id;
  if (typeof eventId !== 'string' || typeof at !== 'string' || typeof nodeId !== 'string') return null;
  return { eventId, eventType: event, nodeId, at };
}

type Envelope = {
  readonly event_id?: unknown;
  readonly event_timestamp?: unknown;
  readonly payload?: { readonly node_id?: unknown } | null;
};

function parsed(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
