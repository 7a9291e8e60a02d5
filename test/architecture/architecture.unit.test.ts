import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ARROW_PLANTS, LINT_PLANTS, type Plant } from './plants.js';
import { PURITY_LINT_PLANTS, PURITY_TYPE_PLANTS } from './purity-plants.js';
import { compile, cruise, lint, plant, uproot, type Violation } from './tree.js';

jest.setTimeout(120_000);

const GATES = {
  'dependency-cruiser': { plants: ARROW_PLANTS, run: cruise },
  eslint: {
    plants: [...LINT_PLANTS, ...PURITY_LINT_PLANTS],
    run: (root: string) => lint(root, 'src', '--ignore-pattern', 'src/messages/**'),
  },
  tsc: { plants: PURITY_TYPE_PLANTS, run: purity },
} as const;

async function purity(root: string): Promise<Violation[]> {
  const found = await Promise.all([
    compile(root, '--project', 'src/reducer'),
    compile(root, '--build', 'src/orchestrator'),
  ]);
  return found.flat();
}

describe.each(Object.entries(GATES))('%s', (_name, { plants, run }) => {
  let root: string;
  let found: readonly Violation[];

  beforeAll(async () => {
    root = await plant(
      Object.fromEntries(plants.flatMap(({ file, text, beside }) => [[file, text], ...(beside ?? [])])),
    );
    found = await run(root);
  });
  afterAll(() => uproot(root));

  it.each(plants.filter((each) => each.rule !== null).map(titled))('catches %s', (_title, { file, rule }) => {
    expect(rulesFor(file)).toContain(rule);
  });

  it.each(plants.filter((each) => each.rule === null).map(titled))('allows %s', (_title, { file }) => {
    expect(rulesFor(file)).toEqual([]);
  });

  it('accuses nobody else', () => {
    const planted = new Set(plants.flatMap(({ file, beside }) => [file, ...(beside ?? []).map(([name]) => name)]));
    expect(found.filter(({ file }) => !planted.has(file))).toEqual([]);
  });

  function rulesFor(file: string): string[] {
    return found.filter((each) => each.file === file).map(({ rule }) => rule);
  }
});

function titled(each: Plant): [string, Plant] {
  return [each.what, each];
}
