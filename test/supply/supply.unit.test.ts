import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { verdictOf } from '../../scripts/audit.mjs';
import { unwantedLicences } from '../../scripts/licences.mjs';
import { flawsOf, shippedPart, type Bill } from '../../scripts/sbom.mjs';
import { BUNDLED, shippedPlaces, type Lock } from '../../scripts/shipped.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const ours = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;

/** A runtime package with a copy of its own below it, a bundled one that needs another, and a tool. */
const lock: Lock = {
  packages: {
    '': { dependencies: { server: '1' }, devDependencies: { page: '1', tool: '1' } },
    'node_modules/server': { version: '1.0.0', license: 'MIT', dependencies: { part: '1' } },
    'node_modules/server/node_modules/part': { version: '1.5.0', license: 'ISC' },
    'node_modules/page': { version: '2.0.0', license: 'MIT', dev: true, dependencies: { part: '2' } },
    'node_modules/part': { version: '2.0.0', license: '(GPL-3.0 OR MIT)', dev: true },
    'node_modules/tool': { version: '3.0.0', license: 'MPL-2.0', dev: true },
  },
};
const SHIPPED = [
  'node_modules/page',
  'node_modules/part',
  'node_modules/server',
  'node_modules/server/node_modules/part',
];

function withLicence(place: string, license: string | undefined): Lock {
  return { packages: { ...lock.packages, [place]: { ...lock.packages[place], license } } };
}

describe('what is shipped', () => {
  it('is the runtime, and what is bundled with all that it needs', () => {
    expect(shippedPlaces(lock, ['page', 'not there'])).toEqual(SHIPPED);
    expect(shippedPlaces(lock, [])).toEqual(SHIPPED.slice(2));
  });

  it('of ours has the console’s packages, and no tool', () => {
    const places = shippedPlaces(ours);
    expect(places).toEqual(
      expect.arrayContaining(['node_modules/kafkajs', ...BUNDLED.map((one) => `node_modules/${one}`)]),
    );
    expect(places.filter((place) => /\/(jest|eslint|typescript|vite|playwright-core|axe-core)$/.test(place))).toEqual(
      [],
    );
  });
});

describe('licences', () => {
  it('of ours are all known', () => {
    expect(unwantedLicences(ours)).toEqual([]);
  });

  it('that ask for more than to be named are found in what is shipped, and wherever there is none', () => {
    const found = (place: string, license: string | undefined) =>
      unwantedLicences(withLicence(place, license), ['page']);
    expect(unwantedLicences(lock, ['page'])).toEqual([]);
    expect(found('node_modules/server', 'AGPL-3.0-only')).toEqual(['node_modules/server (shipped): AGPL-3.0-only']);
    expect(found('node_modules/page', 'MPL-2.0')).toEqual(['node_modules/page (shipped): MPL-2.0']);
    expect(found('node_modules/page', 'MIT AND GPL-2.0')).toEqual(['node_modules/page (shipped): MIT AND GPL-2.0']);
    expect(found('node_modules/tool', 'GPL-3.0')).toEqual(['node_modules/tool: GPL-3.0']);
    expect(found('node_modules/tool', undefined)).toEqual(['node_modules/tool: none is named']);
  });
});

describe('the bill of materials', () => {
  const component = (name: string, version: string) => ({
    'bom-ref': `${name}@${version}`,
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  });
  const bill: Bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    metadata: { component: { 'bom-ref': 'ours@1' } },
    components: [
      component('server', '1.0.0'),
      component('part', '1.5.0'),
      component('page', '2.0.0'),
      component('part', '2.0.0'),
      component('tool', '3.0.0'),
    ],
    dependencies: [
      { ref: 'ours@1', dependsOn: ['server@1.0.0', 'tool@3.0.0'] },
      { ref: 'tool@3.0.0', dependsOn: [] },
    ],
  };

  it('has what is shipped, and nothing else', () => {
    const part = shippedPart(bill, lock, ['page']);
    expect(part.components.map((one) => one['bom-ref'])).toEqual([
      'server@1.0.0',
      'part@1.5.0',
      'page@2.0.0',
      'part@2.0.0',
    ]);
    expect(part.dependencies).toEqual([{ ref: 'ours@1', dependsOn: ['server@1.0.0'] }]);
    expect(flawsOf(part, lock, ['page'])).toEqual([]);
  });

  it('that lacks something is not whole', () => {
    const part = shippedPart(bill, lock, ['page']);
    const [first, ...rest] = part.components;
    expect(flawsOf({ ...part, components: rest }, lock, ['page'])).toEqual(['server@1.0.0 is missing']);
    const bare = { ...first!, licenses: [], purl: '' };
    expect(flawsOf({ ...part, components: [bare, ...rest] }, lock, ['page'])).toEqual([
      'server has no purl',
      'server has no licence',
    ]);
    expect(flawsOf({ ...part, bomFormat: 'other' }, lock, ['page'])).toEqual(['it is no CycloneDX']);
  });
});

describe('the audit', () => {
  const report = (severities: readonly string[]) =>
    JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: Object.fromEntries(
        severities.map((severity) => [severity, { name: severity, severity, range: '<2' }]),
      ),
      metadata: { vulnerabilities: { total: severities.length } },
    });

  it.each([
    [report([]), 0, /^No hole that is high/],
    [report(['low', 'moderate']), 0, /; 2 less than high/],
    [report(['low', 'critical']), 1, /critical: critical <2/],
    [
      '{"message":"request failed, reason: getaddrinfo ENOTFOUND","error":{"summary":""}}',
      75,
      /NOT POSSIBLE: request failed/,
    ],
    [
      '{"error":{"code":"ENOAUDIT","summary":"Your configured registry does not support audit requests."}}',
      75,
      /does not support/,
    ],
    ['', 75, /NOT POSSIBLE: npm gave no report/],
  ])('%# never takes silence for an answer', (text, status, said) => {
    const verdict = verdictOf(text);
    expect(verdict.status).toBe(status);
    expect(verdict.text).toMatch(said);
  });
});
