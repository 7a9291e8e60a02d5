import { NODE_ID_PATTERN } from './fields.js';

/** No heartbeat that this is about is longer. Bytes. */
const MAX_BYTES = 2048;

const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const DATE =
  '(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,20})?(?:Z|\\+00:00)';
/** Without its anchors. */
const NODE_ID = NODE_ID_PATTERN.source.slice(1, -1);
/** Printable ASCII without quotation mark and backslash. */
const PLAIN = '[ !#-\\[\\]-~]{1,255}';
const NUMBER = '(?:0|[1-9]\\d{0,20})(?:\\.\\d{1,30})?';
const PERCENTAGE = '(?:[1-9]?\\d(?:\\.\\d{1,30})?|100(?:\\.0{1,20})?)';

/** A colon and a comma as most serialisers write them. */
const IS = ': ?';
const NEXT = ', ?';
const field = (name: string, value: string): string => `"${name}"${IS}${value}`;

const MEASURE =
  `(?:${field('(?:uptime_seconds|active_operations_count|memory_usage_mb)', `(?:${NUMBER}|null)`)}` +
  `|${field('cpu_usage_percent', `(?:${PERCENTAGE}|null)`)})`;

const ORDINARY = new RegExp(
  `^\\{${[
    field('envelope_version', '"1\\.\\d{1,9}"'),
    field('event_id', `"${GUID}"`),
    field('event_type', '"NODE_HEARTBEAT"'),
    field('event_timestamp', `"${DATE}T${TIME}"`),
    field('source_node_id', `"${PLAIN}"`),
    field('correlation_id', `"${GUID}"`),
    field('causation_id', `(?:null|"${GUID}")`),
    field('payload', `\\{${field('node_id', `"(${NODE_ID})"`)}(?:${NEXT}${MEASURE}){0,16}\\}`),
  ].join(NEXT)}\\}$`,
);

/**
 * The node id of a heartbeat that is written as the SDK writes it; null for everything else, which is for `decode` to read, and to
 * find fault with. What moves a deadline in bulk has to know no more than whose beat it is, and heartbeats are most of all messages:
 * one match takes a quarter of the time of `decode`, and less than JSON.parse alone. Whatever it names, `decode` reads as a heartbeat
 * of the same node; a test holds the two together. The value has only ASCII where it matches, so it may be read as Latin-1.
 */
export function ordinaryHeartbeat(key: Buffer | null, value: Buffer | null): string | null {
  if (key === null || value === null || value.length > MAX_BYTES) return null;
  const nodeId = ORDINARY.exec(value.toString('latin1'))?.[1];
  if (nodeId?.length !== key.length) return null;
  // The one from the key: the other is a part of the whole text, and would keep it in memory.
  const own = key.toString('latin1');
  return own === nodeId ? own : null;
}
