import { beforeAll, describe, expect, it } from '@jest/globals';
import { DECLARED_DIFFERENCES } from '../../src/replay/declared-differences.js';
import { DeclaredDifferences, verifyHistories } from '../../src/runtime/index.js';
import { contractOf } from '../support/contracts.js';
import { machineOf } from '../support/table.js';
import {
  currentRelease,
  fixtureBytes,
  fixtureNames,
  fixtureOf,
  historiesIn,
  MACHINES,
  openFixture,
  record,
} from './fixtures.js';
import { contractVersions, machines, stepOf } from './recording.js';

/** `REPLAY_RECORD=1 npm test -- test/replay/fixtures` writes the recordings of this release anew; see docs/replay.md. */
const RECORDS = process.env['REPLAY_RECORD'] === '1';
const RECORD_WITHIN_MS = 300_000;
const HOW = 'record it: REPLAY_RECORD=1 npm test -- test/replay/fixtures (docs/replay.md)';
const MAX_BYTES = 300 * 1024;

beforeAll(async () => {
  if (RECORDS) await record();
}, RECORD_WITHIN_MS);

describe('recorded journals', () => {
  it('replay through the code of today, but for declared differences, all of which occur', async () => {
    const declared = new DeclaredDifferences(DECLARED_DIFFERENCES);
    const names = await fixtureNames();
    for (const name of names) {
      const { header, histories } = await openFixture(name);
      const { states, problems } = await verifyHistories(histories, {
        machines: machines(header.registryId),
        declared,
      });
      expect({ name, problems, isEmpty: states === 0 }).toEqual({ name, problems: [], isEmpty: false });
    }
    expect(declared.unmet).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
  });

  it('stay small', async () => {
    expect(await fixtureBytes()).toBeLessThan(MAX_BYTES * new Set((await fixtureNames()).map(releaseOf)).size);
  });
});

/** Steps that no journal shows, with the reason. */
const UNJOURNALLED: readonly (readonly [why: string, is: (step: Step, initial: string) => boolean])[] = [
  ['heartbeats move columns only, and leave no trace', ({ message }) => message === 'NODE_HEARTBEAT'],
  [
    'what is ignored of a node without state is only counted',
    ({ status, rule }, initial) => status === initial && rule.startsWith('ignore_'),
  ],
];

type Step = { readonly status: string; readonly message: string; readonly rule: string };

describe.each(MACHINES)('the recording of this release of the %s', (name) => {
  const { table, rules, initial } = machineOf(contractOf(name));
  const steps: readonly Step[] = Object.entries(table).flatMap(([status, row]) =>
    Object.entries(row).flatMap(([message, names]) => names.map((rule) => ({ status, message, rule }))),
  );
  const isJournalled = (step: Step) => !UNJOURNALLED.some(([, is]) => is(step, initial));

  it('is of the contract of today', async () => {
    const current = fixtureOf(await currentRelease(), name);
    if (!(await fixtureNames()).includes(current)) throw new Error(`${current} is missing; ${HOW}`);
    const recordedBy = new Set((await historiesIn(current)).flatMap(({ entries }) => entries.map(versionOf)));
    expect({ versions: [...recordedBy], HOW }).toEqual({ versions: [contractVersions()[name]], HOW });
  });

  it('shows every step that a journal can show: each rule in each state for each message', async () => {
    const histories = await historiesIn(fixtureOf(await currentRelease(), name));
    const shown = new Set(histories.flatMap(({ entries }) => entries.map(stepOf)));
    const missing = steps.filter(isJournalled).map(({ status, message, rule }) => `${status} ${message} ${rule}`);
    expect({ missing: missing.filter((step) => !shown.has(step)), HOW }).toEqual({ missing: [], HOW });
  });

  it('leaves out no rule but those that are never journalled', () => {
    const reachable = new Set(steps.filter(isJournalled).map(({ rule }) => rule));
    const left = Object.keys(rules).filter((rule) => !reachable.has(rule));
    const unjournalled = ['extend_liveness', 'ignore_unknown_node', 'ignore_unsigned', 'ignore_wrong_key'];
    expect(left).toEqual(name === 'orchestrator' ? unjournalled : []);
  });
});

function releaseOf(name: string): string {
  return name.split('/')[0] ?? '';
}

function versionOf({ contractVersion }: { readonly contractVersion: string }): string {
  return contractVersion;
}
