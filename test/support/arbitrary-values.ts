import fc from 'fast-check';
import type { JsonObject } from '../../src/messages/index.js';

/** What nodes put into their messages, with the oddities that JSON allows: these values come back as they are read from a log. */
const key = fc.constantFrom('a', 'b', 'resize', 'operations', '10', '9', '__proto__', 'ÄÖ', '');
const scalar = fc.constantFrom<unknown>(
  ...[null, true, false, 0, -0, 1, -1.5, 1e21, 1e-7, 4_503_599_627_370_497],
  ...['', 'x', 'scale', 'straße', 'İstanbul', '\u2028', '😀', '2026-11-21T10:00:00Z'],
);
const list = fc.array(scalar, { maxLength: 3 });
const flat = fc.dictionary(key, fc.oneof(scalar, list), { maxKeys: 3 });

export const jsonObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(key, fc.oneof({ weight: 4, arbitrary: scalar }, list, flat), { maxKeys: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

export const endpoints: fc.Arbitrary<Readonly<Record<string, string>>> = fc.dictionary(
  fc.constantFrom('api', 'api-2', 'health', 'Ä'),
  fc.constantFrom('http://10.0.0.1:8080/', 'https://node.example/', 'tcp://[::1]:7/'),
  { maxKeys: 2 },
);

/** Counts of other workflows, as far as one may be off. */
export const nearby = fc.constantFrom(0, 0, 0, 0, 0, 1, -1, 2, 7);

export function chosen<const T>(...values: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...values);
}
