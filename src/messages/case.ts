/**
 * Names outside are snake_case, inside camelCase. What a node wrote itself (capabilities, endpoints, metadata, headers of
 * a dead letter) is data, not names, and passes untouched.
 */
type CamelKey<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : S;

/** The inside type of a wire type: keys in camelCase; objects with free keys stay as they are. */
export type Camel<T> = T extends readonly (infer Item)[]
  ? readonly Camel<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [Key in keyof T as Key extends string ? CamelKey<Key> : Key]: Camel<T[Key]> }
    : T;

/** Under these names stands what a node wrote itself. */
export const OPAQUE: ReadonlySet<string> = new Set([
  'capabilities',
  'endpoints',
  'metadata',
  'original_headers',
  'originalHeaders',
]);

const toCamel = cachedNames((name) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
export const toSnake = cachedNames((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** Wire to inside, for a value that its schema has already parsed (so that its names are ours). */
export function camelCased<T>(value: T): Camel<T> {
  return renamed(value, toCamel) as Camel<T>;
}

/** Inside to wire. */
export function snakeCased(value: unknown): unknown {
  return renamed(value, toSnake);
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  const names = Object.keys(value);
  for (const name of names) {
    const inner = (value as Record<string, unknown>)[name];
    if (inner === undefined) continue;
    result[rename(name)] = OPAQUE.has(name) ? inner : renamed(inner, rename);
  }
  return result;
}

/** Only names from schemas come here, so the cache is as small as the vocabulary. */
function cachedNames(convert: (name: string) => string): (name: string) => string {
  const cache = new Map<string, string>();
  return (name) => {
    let converted = cache.get(name);
    if (converted === undefined) cache.set(name, (converted = convert(name)));
    return converted;
  };
}
