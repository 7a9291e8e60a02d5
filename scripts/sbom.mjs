/**
 * `npm run sbom`: writes dist/sbom.cdx.json, a bill of materials (CycloneDX) of what is shipped, made by npm from package-lock.json.
 * Whoever runs Rollcall can look up in it whether a newly found hole is in it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nameOf, shippedPlaces } from './shipped.mjs';

const root = dirname(import.meta.dirname);

/** The part of a bill of all packages that is about what is shipped. */
export function shippedPart(bill, lock, bundled) {
  const { packages } = lock;
  const shipped = new Set(shippedPlaces(lock, bundled).map((place) => `${nameOf(place)}@${packages[place].version}`));
  const components = bill.components.filter((component) => shipped.has(`${fullName(component)}@${component.version}`));
  const kept = new Set([bill.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
  return { ...bill, components, dependencies };
}

/** What a reader of CycloneDX would stumble over; empty for a bill that is whole. */
export function flawsOf(bill, lock, bundled) {
  const { packages } = lock;
  const listed = new Set(bill.components.map((component) => `${fullName(component)}@${component.version}`));
  const missing = shippedPlaces(lock, bundled)
    .map((place) => `${nameOf(place)}@${packages[place].version}`)
    .filter((one) => !listed.has(one));
  const refs = bill.components.map((component) => component['bom-ref']);
  return [
    ...(bill.bomFormat === 'CycloneDX' ? [] : ['it is no CycloneDX']),
    ...(/^1\.\d$/.test(bill.specVersion) ? [] : [`specVersion is ${bill.specVersion}`]),
    ...(/^urn:uuid:[\da-f-]{36}$/.test(bill.serialNumber) ? [] : ['it has no serial number']),
    ...(new Set(refs).size === refs.length ? [] : ['a component is listed twice']),
    ...bill.components.filter(({ purl }) => !/^pkg:npm\/.+@.+/.test(purl)).map(({ name }) => `${name} has no purl`),
    ...bill.components.filter(({ licenses }) => !licenses?.length).map(({ name }) => `${name} has no licence`),
    ...missing.map((one) => `${one} is missing`),
  ];
}

function fullName({ group, name }) {
  return group === undefined || name.startsWith('@') ? name : `${group}/${name}`;
}

if (import.meta.filename === process.argv[1]) {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) fail(`npm could not make the bill of materials:\n${stderr}`);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const bill = shippedPart(JSON.parse(stdout), lock);
  const flaws = flawsOf(bill, lock);
  if (flaws.length > 0) fail(`The bill of materials is not whole:\n${flaws.join('\n')}`);
  const file = join(root, 'dist/sbom.cdx.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${bill.components.length} packages are shipped: dist/sbom.cdx.json (CycloneDX ${bill.specVersion})`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
