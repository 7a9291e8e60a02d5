import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournalFile } from '../../src/replay/read-journal-file.js';
import { writeJournalFile } from '../../src/replay/write-journal-file.js';
import {
  DeclaredDifferences,
  verifyHistories,
  type DeclaredDifference,
  type History,
} from '../../src/runtime/index.js';
import { currentRelease, fixtureOf, historiesIn } from './fixtures.js';
import { contractVersions, headerOf, machines } from './recording.js';

const OLD = '0.8.0';
const TODAY = contractVersions().orchestrator;

const DECLARED: DeclaredDifference = {
  machine: 'orchestrator',
  from: '0.9.0',
  to: '1.0.0',
  rule: 'acknowledge',
  field: 'outputs',
  why: 'ACK_RECEIVED did not name the liveness deadline',
};

/** A recording as an older release would have made it: acknowledgements told less. */
function older(history: History): History {
  const entries = history.entries.map((entry) => ({
    ...entry,
    contractVersion: OLD,
    outputs:
      entry.rule === 'acknowledge' ? entry.outputs.replace(/,"liveness_deadline":(null|"[^"]*")/, '') : entry.outputs,
  }));
  return { ...history, entries };
}

describe('a journal of an older release', () => {
  let histories: readonly History[];
  let acknowledged: number;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-older-'));
    try {
      const path = join(folder, 'older.jsonl.gz');
      const today = await historiesIn(fixtureOf(await currentRelease(), 'orchestrator'));
      await writeJournalFile(path, headerOf('0.0.9'), today.map(older));
      histories = [];
      for await (const history of (await readJournalFile(path)).histories) histories = [...histories, history];
    } finally {
      await rm(folder, { recursive: true });
    }
    acknowledged = histories.flatMap(({ entries }) => entries).filter(({ rule }) => rule === 'acknowledge').length;
  });

  const verifiedWith = async (...list: readonly DeclaredDifference[]) => {
    const declared = new DeclaredDifferences(list);
    const {
      problems,
      problemCount,
      declared: known,
    } = await verifyHistories(histories, { machines: machines(), declared });
    return { first: problems[0], problemCount, known, unmet: declared.unmet };
  };

  it('differs where nothing is declared, at every step that does, and nowhere else', async () => {
    expect(acknowledged).toBeGreaterThan(3);
    expect(await verifiedWith()).toEqual({
      first: expect.stringMatching(
        /^orchestrator of .*: NODE_REGISTRATION_ACKED .*: outputs was .* is .*liveness_deadline/s,
      ),
      problemCount: acknowledged,
      known: 0,
      unmet: [],
    });
  });

  it('replays where the difference is declared', async () => {
    expect(await verifiedWith(DECLARED)).toEqual({ first: undefined, problemCount: 0, known: acknowledged, unmet: [] });
  });

  it.each<[string, Partial<DeclaredDifference>]>([
    ['another machine', { machine: 'reducer' }],
    ['another rule', { rule: 'accept' }],
    ['another field', { field: 'stateAfter' }],
    ['versions before the recording', { from: '0.7.0' }],
    ['a version that is still to come', { to: '99.0.0' }],
  ])('is not excused by a declaration for %s, which is found not to occur', async (_what, change) => {
    const { problemCount, known, unmet } = await verifiedWith({ ...DECLARED, ...change });
    expect({ problemCount, known }).toEqual({ problemCount: acknowledged, known: 0 });
    expect(unmet).toEqual([expect.stringMatching(/^the difference declared for .* does not occur$/)]);
  });

  it('shows a declaration that nothing needs beside one that is needed', async () => {
    const { problemCount, unmet } = await verifiedWith(DECLARED, { ...DECLARED, rule: 'accept' });
    expect(problemCount).toBe(0);
    expect(unmet).toEqual([
      'the difference declared for orchestrator from 0.9.0 to 1.0.0, outputs of accept, does not occur',
    ]);
  });

  it('may be excused by a declaration of the very version of today', async () => {
    expect(await verifiedWith({ ...DECLARED, to: TODAY })).toMatchObject({ problemCount: 0, unmet: [] });
  });
});

describe('a declaration', () => {
  it.each<[string, Partial<DeclaredDifference>]>([
    ['does not lead to a later version', { from: '1.2.0', to: '1.2.0' }],
    ['does not lead to a later version', { from: '1.10.0', to: '1.9.0' }],
    ['does not say why', { why: ' ' }],
    ['"1.0" is no contract version', { from: '1.0' }],
  ])('that %s is refused', (problem, change) => {
    expect(() => new DeclaredDifferences([{ ...DECLARED, ...change }])).toThrow(problem);
  });
});
