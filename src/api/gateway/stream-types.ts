import { decode, outputId, topicOf, type MessageType, type TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from '../../runtime/index.js';
import { eventFrame } from './frames.js';

/** What a node hears of itself. */
const TYPES = [
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_REJECTED',
  'NODE_REGISTRATION_ACK_RECEIVED',
  'NODE_REGISTRATION_ACK_TIMED_OUT',
  'NODE_BECAME_ACTIVE',
  'NODE_REGISTRATION_UPDATED',
  'NODE_REGISTRATION_UPDATE_FAILED',
  'NODE_REGISTRATION_CONVERGED',
  'NODE_LIVENESS_EXPIRED',
  'NODE_DEREGISTERED',
  'REGISTRY_REQUEST_INTROSPECTION',
] as const satisfies readonly MessageType[];

export const STREAM_TYPES: ReadonlySet<string> = new Set(TYPES);
export const STREAM_TOPICS: ReadonlySet<TopicSuffix> = new Set(TYPES.map((type) => topicOf(type)));
export const REQUESTS_TOPIC = topicOf('REGISTRY_REQUEST_INTROSPECTION');

/** More outputs than a step has. */
const MAX_OUTPUTS = 8;

/** For whom a request to introspect is (null: for all), and whether it stands in the journal, or is only to be passed on. */
export type PassedOn =
  | { readonly to: 'journal'; readonly nodeId: string }
  | { readonly to: 'readers'; readonly nodeId: string | null; readonly frame: string };

/** Null for what cannot be read. */
export function passedOn({ topic, key, value }: LogRecord): PassedOn | null {
  const decoded = decode(topic, { key, value });
  if (!decoded.ok || decoded.message.eventType !== 'REGISTRY_REQUEST_INTROSPECTION') return null;
  const { eventId, eventType, causationId, payload } = decoded.message;
  const nodeId = payload.targetNodeId ?? null;
  if (nodeId !== null && causationId !== null && isOutput(eventId, causationId, nodeId))
    return { to: 'journal', nodeId };
  return { to: 'readers', nodeId, frame: eventFrame({ type: eventType, data: decoded.text }) };
}

/** Ids of outputs derive from the input: whether it is one that the orchestrator's step on `inputId` made. */
function isOutput(id: string, inputId: string, nodeId: string): boolean {
  for (let index = 0; index < MAX_OUTPUTS; index += 1) {
    if (outputId(inputId, 'orchestrator', nodeId, index) === id) return true;
  }
  return false;
}
