import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { between, RESULTS, TARGETS } from '../../src/bench/report/markdown.js';
import { readResults, withResult, writeResults, type Stored } from '../../src/bench/report/results.js';
import { profileParts } from '../../src/bench/report/profile-tables.js';
import { targetsPart } from '../../src/bench/report/targets.js';
import { cellsOf, numberText, tableOf } from '../../src/bench/report/table.js';
import { writeReport } from '../../src/bench/report/write-report.js';
import type { Figure } from '../../src/bench/scenario.js';

const FIGURE: Figure = {
  name: 'registrations per second',
  unit: '1/s',
  values: [1200, 800, 1000],
  cpuPerThousand: { registry: 0.25, consul: 0.3, kafka: 0.0001 },
  ratio: { of: 'rAll', value: 0.512 },
  wanted: 'at least 0.4 x rAll',
};

const stored = (name: string, figures: readonly Figure[] = [FIGURE]): Stored => ({
  name,
  title: `Title of ${name}`,
  method: 'five rounds',
  figures,
  charts: [
    {
      file: `${name}.svg`,
      title: 'Chart',
      xLabel: 'x',
      yLabel: 'y',
      kind: 'line',
      series: [{ name: 'a', points: [[1, 2]] }],
    },
  ],
  measuredAt: '2026-11-21T12:00:00.000Z',
  quick: false,
  machine: {
    cpu: 'C',
    cores: 2,
    memoryGiB: 24,
    kernel: '6.1',
    node: 'v20.20.2',
    kafka: '3.9.1',
    consul: '1.8.7',
    postgres: '15.18',
  },
});

describe('numbers', () => {
  it.each([
    [123_456.7, '123,457'],
    [0, '0'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.01234, '0.012'],
    [NaN, '-'],
  ])('%d is told as %s', (value, words) => {
    expect(numberText(value)).toBe(words);
  });
});

describe('tables', () => {
  it('have the middle, the spread, the ratio and who used the CPU', () => {
    expect(cellsOf(FIGURE)).toEqual([
      'registrations per second',
      '1/s',
      '1,000',
      '800 - 1,200',
      '0.51 x rAll',
      'at least 0.4 x rAll',
      'registry 0.250, consul 0.300',
    ]);
  });

  it('leave out columns that nobody uses', () => {
    const table = tableOf({ ...stored('s'), figures: [{ name: 'plain', unit: 'ms', values: [1, 2, 3] }] });
    expect(table).toContain('plain   ms    2.00');
    expect(table).not.toContain('ratio');
  });

  it('bear a figure without a value', () => {
    expect(cellsOf({ name: 'none', unit: 's', values: [] })[2]).toBe('-');
  });
});

const { begin: BEGIN, end: END } = RESULTS;

describe('a profile', () => {
  it('has its picture, where the time goes, and adds up', () => {
    const text = profileParts({
      file: 'a-flame.svg',
      title: 'Full load',
      groups: [{ name: 'pg', percent: 25, cpuPerThousand: 0.5 }],
      elsewhere: { program: 0.125, otherThreads: 0.25, sampling: 0.1 },
      functions: [{ name: 'bind|x', place: 'pg/a.js:1', group: 'pg', percent: 2 }],
    }).join('\n');
    expect(text).toContain('[![Full load](a-flame.svg)](a-flame.svg)');
    expect(text).toContain('| pg | 25.0 % | 0.500 |');
    expect(text).toContain('| the process |  | 0.875 |');
    expect(text).toContain('| `bind\\|x` | pg/a.js:1 | pg | 2.0 % |');
  });
});

describe('the targets', () => {
  const lines = (results: readonly Stored[]): readonly string[] => targetsPart({ results }).split('\n').slice(2);

  it('are told without what was not measured', () => {
    expect(lines([])).toHaveLength(9);
    for (const line of lines([])) expect(line).toMatch(/\| not measured yet \|$/);
  });

  it('have the medians of what was measured, and say where that was in a hurry', () => {
    const results = [
      stored('registrations'),
      { ...stored('large-fleet', [{ name: 'event-loop stall p99', unit: 'ms', values: [7, 5, 6] }]), quick: true },
      stored('latencies', [{ name: 'publish to active p50 at 50/s', unit: 'ms', values: [] }]),
    ];
    const told = lines(results).filter((line) => !line.endsWith('| not measured yet |'));
    expect(told).toEqual([
      '| registrations per second, sustained | 0.4 x rAll | 0.8 x rAll | 0.51 x (1,000/s) |',
      expect.stringMatching(/\| stall p99 6.00 ms _\(a quick run: shorter, of fewer nodes\)_ \|$/),
    ]);
  });
});

describe('the page', () => {
  it('keeps what people wrote around the results', () => {
    const page = `# Title\n\nwords\n\n${BEGIN}\nold\n${END}\n\nmore words\n`;
    const next = between(page, RESULTS, 'new');
    expect(next).toMatch(/^# Title\n\nwords\n\n<!-- results/);
    expect(next).toContain('new');
    expect(next).not.toContain('old');
    expect(next.endsWith(`${END}\n\nmore words\n`)).toBe(true);
    expect(between(next, RESULTS, 'new')).toBe(next);
  });

  it.each([`# Title`, `${END} ${BEGIN}`])('says what is missing in %j', (page) => {
    expect(() => between(page, RESULTS, 'new')).toThrow('has no place for results');
  });
});

describe('a folder of results', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-results-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is empty at first', () => {
    expect(readResults(folder)).toEqual({ results: [] });
  });

  it('takes one result after the other, and a new one of the same name in place of the old', () => {
    const order = ['first', 'second'];
    const names = () => readResults(folder).results.map(({ name }) => name);
    writeResults(folder, withResult(readResults(folder), stored('second'), order));
    writeResults(folder, withResult(readResults(folder), stored('first'), order));
    writeResults(folder, withResult(readResults(folder), stored('unknown'), order));
    expect(names()).toEqual(['first', 'second', 'unknown']);
    writeResults(folder, withResult(readResults(folder), stored('first', []), order));
    expect(names()).toEqual(['first', 'second', 'unknown']);
    expect(readResults(folder).results[0]?.figures).toEqual([]);
  });

  it('shows its results on a page, with charts', () => {
    writeReport(folder, { results: [stored('first'), stored('second')] });
    const page = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(page).toContain('### Title of first');
    expect(page).toContain('| registrations per second | 1/s | 1,000 | 800 - 1,200 | 0.51 x rAll |');
    expect(page).toContain('![Chart](second.svg)');
    expect(page).toContain('2 cores (C), 24 GiB, Linux 6.1, Node.js 20.20.2, Kafka 3.9.1');
    expect(readFileSync(join(folder, 'second.svg'), 'utf8')).toMatch(/^<svg /);
    writeReport(folder, { results: [stored('first'), stored('second')] });
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(page);
  });

  it('shows the targets where the page has a place for them', () => {
    writeReport(folder, { results: [] });
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`${TARGETS.begin}\n`);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('| not measured yet |');
    writeFileSync(join(folder, 'README.md'), `${BEGIN}\n${END}\n`);
    writeReport(folder, { results: [] });
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).not.toContain('not measured yet');
  });
});
