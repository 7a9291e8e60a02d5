import { createHash } from 'node:crypto';
import { isJsonObject } from './json.js';

/** JSON text with the keys of every object sorted: equal values have equal texts, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isJsonObject(inner)
      ? Object.fromEntries(
          Object.keys(inner)
            .sort()
            .map((key) => [key, inner[key]]),
        )
      : inner,
  );
}

/** SHA-256 of the canonical text, in hex. Two records are the same when their hashes are. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
