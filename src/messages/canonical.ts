import { hash } from 'node:crypto';
import { isJsonObject } from './json.js';

/** JSON text with the keys of every object sorted: equal values have equal texts, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** SHA-256 of the canonical text, in hex. Two records are the same when their hashes are. */
export function canonicalHash(value: unknown): string {
  return hash('sha256', canonicalJson(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) {
    const inner = sorted(value[name]);
    if (name === '__proto__') Object.defineProperty(copy, name, { value: inner, enumerable: true });
    else copy[name] = inner;
  }
  return copy;
}
