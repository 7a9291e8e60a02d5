/**
 * The vocabulary: every message that crosses Kafka, its schema, its topic, its id, and the codec between wire (snake_case)
 * and inside (camelCase). Knows nothing of who handles what, and does no I/O. See docs/decisions/001-wire-and-inside.md.
 */
export * from './catalogue.js';
export { NODE_ID_PATTERN, PUBLIC_KEY_PATTERN, NODE_TYPES, BACKENDS, type Backend, type NodeType } from './fields.js';
export { DEADLINE_KINDS } from './commands.js';
export { DEAD_LETTER_CAUSES } from './dead-letter.js';
export { OPERATIONS } from './intents.js';
export { MAX_FOUND_REVISION } from './registry-events.js';
export { ENVELOPE_VERSION, envelopeSchema, type Delivery } from './envelope.js';
export * from './canonical.js';
export * from './codec.js';
export * from './ids.js';
export { jsonText, quoted, recordText } from './json-text.js';
export * from './json.js';
export { ordinaryHeartbeat } from './ordinary-heartbeat.js';
export * from './redaction.js';
export * from './signatures.js';
export { SNAPSHOT_STATES, SNAPSHOT_VERSION_HEADER, type SnapshotState } from './snapshots.js';
export { isoTime } from './time.js';
export * from './topic-settings.js';
export * from './topics.js';
export { camelCased, snakeCased, type Camel } from './case.js';
