import { isJsonObject, messagesOn, type JsonObject } from '../../messages/index.js';
import type { LogRecord } from '../../runtime/index.js';

/** An event as it is told to followers. */
export type FleetEvent = {
  readonly type: string;
  readonly nodeId: string;
  /** The envelope as it stands in the log, and the same read. */
  readonly text: string;
  readonly envelope: JsonObject;
  /** The place behind it. */
  readonly cursor: string;
};

/** Enough to know who wants it. Null for what is no event: a tombstone, or no message of its topic. */
export function headOf({ topic, key, value, headers }: LogRecord): Pick<FleetEvent, 'type' | 'nodeId'> | null {
  if (key === null || value === null) return null;
  const [only, ...others] = messagesOn(topic);
  const type = others.length === 0 ? only : others.concat(only ?? []).find((name) => name === headers['event_type']);
  return type === undefined ? null : { type, nodeId: key.toString() };
}

/** What every envelope has, beside its type and payload. */
const TEXTS = ['event_id', 'event_timestamp', 'correlation_id'] as const;

/** The rest of it. Null where the value is no envelope of this type: somebody else wrote it. */
export function bodyOf({ value }: LogRecord, type: string): Pick<FleetEvent, 'text' | 'envelope'> | null {
  const text = value?.toString() ?? '';
  try {
    const envelope: unknown = JSON.parse(text);
    const isWhole =
      isJsonObject(envelope) &&
      envelope['event_type'] === type &&
      isJsonObject(envelope['payload']) &&
      TEXTS.every((name) => typeof envelope[name] === 'string');
    return isWhole ? { text, envelope } : null;
  } catch {
    return null;
  }
}
