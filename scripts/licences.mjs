/** `npm run check -- licences`: no package has a licence that we have not looked at. Reads package-lock.json alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedPlaces } from './shipped.mjs';

/** What is shipped asks for no more than to be named; none of them reaches over to our own code. */
const SHIPPED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Python-2.0',
  'Unlicense',
  'CC0-1.0',
]);
/** Tools stay here, so they may also ask for their own changed files, or for their authors to be named. */
const TOOLS = new Set([...SHIPPED, 'MPL-2.0', 'CC-BY-4.0']);

/** `name: licence` of every package whose licence is not among those that its use allows. */
export function unwantedLicences(lock, bundled) {
  const shipped = new Set(shippedPlaces(lock, bundled));
  return Object.entries(lock.packages)
    .filter(([place, { link }]) => place !== '' && link !== true)
    .filter(([place, { license }]) => !allows(shipped.has(place) ? SHIPPED : TOOLS, license))
    .map(([place, { license }]) => `${place}${shipped.has(place) ? ' (shipped)' : ''}: ${license ?? 'none is named'}`);
}

/** `A OR B` leaves the choice to us, `A AND B` asks for both. */
function allows(allowed, expression) {
  if (typeof expression !== 'string') return false;
  const text = expression.replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some((part) => allows(allowed, part));
  return text.split(' AND ').every((part) => allowed.has(part));
}

if (import.meta.filename === process.argv[1]) {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'));
  const unwanted = unwantedLicences(lock);
  for (const one of unwanted) console.log(one);
  if (unwanted.length > 0)
    console.log('Take another package, or, after reading the licence, add it to scripts/licences.mjs.');
  process.exitCode = unwanted.length > 0 ? 1 : 0;
}
