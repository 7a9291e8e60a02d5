import { z } from 'zod';
import {
  camelCased,
  encode,
  hasUnstorableText,
  isJsonObject,
  MAX_JSON_DEPTH,
  MAX_VALUE_BYTES,
} from '../messages/index.js';
import { NODE_TYPES, PAYLOADS } from '../messages/index.js';
import { mistakesOf, type Expected } from './mistakes.js';
import type { NodeDescription } from './node-description.js';
import { describe, type Description } from './node-protocol.js';
import { stamped } from './stamp.js';

const { shape } = PAYLOADS.NODE_INTROSPECTION;
const { node_id: nodeId, node_version: nodeVersion, health_endpoint: healthEndpoint, incarnation } = shape;
const json = z.unknown().transform(asJson);

/** What the wire wants to see, by the names of the options. */
export const DESCRIBED = {
  nodeId,
  nodeType: z.enum(NODE_TYPES),
  nodeVersion,
  capabilities: json.pipe(shape.capabilities).prefault({}),
  endpoints: shape.endpoints,
  metadata: json.pipe(shape.metadata).prefault({}),
  healthEndpoint,
  incarnation,
} as const;

const JSON_OBJECT = `of JSON values, at most ${MAX_JSON_DEPTH} levels deep`;

export const EXPECTED_OF_DESCRIBED: Expected = {
  nodeId: '1-255 letters, digits, ".", "_" or "-", beginning with a letter or digit',
  nodeType: `one of ${NODE_TYPES.join(', ')}`,
  nodeVersion: 'a semantic version such as "1.4.0"',
  capabilities: `a list of tags, or an object ${JSON_OBJECT}`,
  endpoints: 'a map of names to absolute URLs, or a list of them',
  metadata: `an object ${JSON_OBJECT}`,
  healthEndpoint: 'an absolute URL such as "http://10.0.0.7:8080/health"',
  incarnation: 'a whole number, such as Date.now()',
};

const SCHEMA = z.strictObject(DESCRIBED);

type Given = NodeDescription & { readonly incarnation: number };
type Described = { readonly description: Description } | { readonly mistakes: readonly string[] };

/** The record as it is said, or what is wrong with it. */
export function described(given: Given, reason: Description['reason']): Described {
  const { data, error } = SCHEMA.safeParse(given);
  if (error !== undefined) return { mistakes: mistakesOf(error, given, EXPECTED_OF_DESCRIBED) };
  if (hasUnstorableText(data)) {
    return { mistakes: ['a text has a NUL character or half of a surrogate pair, which no backend can store'] };
  }
  const description = { ...camelCased(data), reason } as Description;
  const bytes = Buffer.byteLength(encode(stamped(given.nodeId, describe(description, NO_WORKFLOW)))) + ROOM_FOR_IDS;
  return bytes <= MAX_VALUE_BYTES
    ? { description }
    : {
        mistakes: [`the description has ${bytes} bytes as a message, at most ${MAX_VALUE_BYTES} are allowed: say less`],
      };
}

const NO_WORKFLOW = { correlationId: '' };
/** Correlation and cause, and a reason that is longer than this one. Bytes. */
const ROOM_FOR_IDS = 100;

/** As it will be sent: a date is a text by then, and what is undefined is gone. */
function asJson(value: unknown, context: z.RefinementCtx): unknown {
  if (!Array.isArray(value) && !isJsonObject(value)) return value;
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    context.addIssue({ code: 'custom', message: 'cannot be written as JSON' });
    return z.NEVER;
  }
}
