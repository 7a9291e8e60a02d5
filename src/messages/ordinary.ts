import { ENVELOPE_VERSION } from './envelope.js';
import { NODE_ID_PATTERN, SEMVER } from './fields.js';
import { isJsonObject, isShallow, type JsonObject } from './json.js';
import type { PayloadOf } from './catalogue.js';
import { USUAL_TIME } from './time.js';

/**
 * Most envelopes and introspections are written as the SDK writes them: every field there, nothing to be put right. These are told by
 * plain checks, at a fraction of what the schemas take. Null is no verdict: the schemas read what is left, and find fault with it.
 * Whatever is read here the schemas read alike; a test holds the two together.
 */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Nothing that would be trimmed or taken out. */
const URL_CHARACTERS = /^[a-z]+:\/\/[!-~]+$/;
const REASONS: ReadonlySet<unknown> = new Set<PayloadOf<'NODE_INTROSPECTION'>['reason']>([
  'startup',
  'request',
  'capability_change',
  'health_change',
  'shutdown',
]);

export type Envelope = {
  readonly event_id: string;
  readonly event_type: string;
  readonly event_timestamp: string;
  readonly source_node_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly payload: JsonObject;
};

/** The value itself, where it is an envelope already. */
export function ordinaryEnvelope(json: unknown): Envelope | null {
  if (!isJsonObject(json)) return null;
  const { causation_id: causationId, event_type: eventType } = json;
  const isOne =
    json['envelope_version'] === ENVELOPE_VERSION &&
    isUuid(json['event_id']) &&
    typeof eventType === 'string' &&
    eventType !== '' &&
    isTime(json['event_timestamp']) &&
    isText(json['source_node_id'], 255) &&
    isUuid(json['correlation_id']) &&
    (causationId === null || isUuid(causationId)) &&
    isJsonObject(json['payload']);
  return isOne ? (json as unknown as Envelope) : null;
}

/** The payload of an introspection, in the names of the inside. */
export function ordinaryIntrospection(payload: JsonObject): PayloadOf<'NODE_INTROSPECTION'> | null {
  const { node_id: nodeId, node_type: nodeType, node_version: nodeVersion, reason, incarnation = null } = payload;
  const { capabilities, endpoints, metadata, health_endpoint: healthEndpoint = null } = payload;
  const isOne =
    typeof nodeId === 'string' &&
    NODE_ID_PATTERN.test(nodeId) &&
    isText(nodeType, 64) &&
    isText(nodeVersion, 255) &&
    SEMVER.test(nodeVersion) &&
    isFree(capabilities) &&
    areEndpoints(endpoints) &&
    isFree(metadata) &&
    (healthEndpoint === null || isUrl(healthEndpoint)) &&
    REASONS.has(reason) &&
    (incarnation === null || isCount(incarnation));
  if (!isOne) return null;
  return {
    nodeId,
    nodeType,
    nodeVersion,
    capabilities,
    endpoints,
    metadata,
    ...(healthEndpoint === null ? {} : { healthEndpoint }),
    reason,
    ...(incarnation === null ? {} : { incarnation }),
  } as PayloadOf<'NODE_INTROSPECTION'>;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxLength;
}

function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && USUAL_TIME.test(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isUrl(value: unknown): boolean {
  return isText(value, 2048) && URL_CHARACTERS.test(value) && URL.canParse(value);
}

function isFree(value: unknown): boolean {
  return isJsonObject(value) && isShallow(value);
}

function areEndpoints(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    Object.keys(value).every((name) => isText(name, 255) && name !== '__proto__' && isUrl(value[name]))
  );
}
