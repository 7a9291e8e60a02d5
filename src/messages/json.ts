/** Any JSON value, as a node may put it into its own capabilities and metadata. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Deeper values are refused: recursive readers (ours, PostgreSQL's, a browser's) must never run out of stack. */
export const MAX_JSON_DEPTH = 32;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when no path through the value is longer than `depth` levels. */
export function isShallow(value: unknown, depth: number = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
