import { z } from 'zod';
import { isJsonObject, isShallow, MAX_JSON_DEPTH, type JsonObject } from './json.js';

export const NODE_TYPES = ['effect', 'compute', 'reducer', 'orchestrator'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export const BACKENDS = ['consul', 'postgres'] as const;
export type Backend = (typeof BACKENDS)[number];

export const NODE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

export const nodeId = z
  .string()
  .regex(NODE_ID_PATTERN, 'must be 1-255 letters, digits, ".", "_" or "-", and begin with a letter or digit')
  .describe('Id of the node; also the key of the record');

/** Any RFC 9562 UUID, in lower case: PostgreSQL would change the case, and equal ids must stay equal. */
export const uuid = z.guid().toLowerCase();

/** A public key on the wire: its 32 bytes in base64url, without padding. One key has one such text. */
export const PUBLIC_KEY_PATTERN = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Of Ed25519, as the header of a signed message has it. */
export const publicKey = z
  .string()
  .regex(PUBLIC_KEY_PATTERN, 'must be the 32 bytes of an Ed25519 public key in base64url, without padding');

export const timestamp = z.iso.datetime({ offset: true });

export const count = z.number().int().nonnegative();

/** Absent and null mean the same: many serialisers write null for what is not there. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export const jsonObject = z
  .custom<JsonObject>(isJsonObject, 'must be a JSON object')
  .refine((value) => isShallow(value), `must not be nested deeper than ${MAX_JSON_DEPTH} levels`)
  // What JSON Schema can say of it.
  .meta({ type: 'object', additionalProperties: true });

export const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

export const nodeVersion = z.string().max(255).regex(SEMVER, 'must be a semantic version such as 1.4.0');

export const url = z.url('must be an absolute URL').max(2048);

/** A list of tags, or an object; inside always an object: ["a"] becomes { "a": true }. */
export const capabilities = z
  .union([
    z
      .array(z.string().min(1).max(255))
      .transform((tags): JsonObject => Object.fromEntries(tags.map((tag) => [tag, true]))),
    jsonObject,
  ])
  .nullish()
  .transform((value): JsonObject => value ?? {})
  .describe('What the node can do: an object of its own making, or a list of tags. At most 32 levels deep');

/** A map of names to URLs, or a list of URLs; inside always a map: api, api-2, api-3. */
export const endpoints = z
  .union([
    z
      .array(url)
      .transform((urls): Record<string, string> =>
        Object.fromEntries(urls.map((text, index) => [index === 0 ? 'api' : `api-${index + 1}`, text])),
      ),
    z.record(z.string().min(1).max(255), url),
  ])
  .nullish()
  .transform((value): Readonly<Record<string, string>> => value ?? {})
  .describe('Where the node is reached: URLs by name, or a list of them, which are named api, api-2, api-3');

export const metadata = jsonObject
  .nullish()
  .transform((value): JsonObject => value ?? {})
  .describe('Whatever else the node wants known of itself. At most 32 levels deep');
