import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv, ErrorObject } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const require = createRequire(import.meta.url);
const ROOT = new URL('../..', import.meta.url);

export type Json = Readonly<Record<string, unknown>>;

/** A file of the project, by its path in it. */
export function committed(path: string): Json {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8')) as Json;
}

/** A JSON file of a package. */
export function packaged(path: string): Json {
  return require(path) as Json;
}

/** The same, and knows dates, UUIDs and URLs. */
export function withFormats<A extends Ajv | Ajv2020>(ajv: A): A {
  formats.default(ajv);
  return ajv;
}

/** Where and what, a line each. */
export function mistakesOf(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** What a pointer such as `#/components/schemas/Node` leads to; undefined where it leads nowhere. */
export function resolved(document: Json, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (value as Json | undefined)?.[part], document);
}

/** Every `$ref` in a document. */
export function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}
